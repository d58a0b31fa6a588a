"""Which documents a search may answer from: by path, type, date, tag and author, in one shape everywhere."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agentflow.cli.filter_options import filter_from
from agentflow.corpus.filter import Filter
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from tests.corpus.made import FILES

NOTE = "---\ntags: [{tags}]\nauthor: {author}\ndate: {date}\n---\n# Mill\n\nThe mill number {number} turns.\n"


@pytest.fixture
async def filled(corpus: Corpus, tmp_path: Path) -> Corpus:
    root = tmp_path / "vault"
    (root / "old").mkdir(parents=True)
    notes = {
        "a.md": ("river, mill", "Ann Berg", "2019-02-03"), "b.md": ("sea", "Bo Lund", "2021-06-30"),
        "old/c.md": ("River", "Ann Berg", "2021-07-01"),
    }  # fmt: skip
    for number, (name, (tags, author, date)) in enumerate(notes.items()):
        (root / name).write_text(NOTE.format(tags=tags, author=author, date=date, number=number), "utf-8")
    (root / "d.epub").write_bytes(FILES["book.epub"]("The mill of Arlow turns."))
    await ingest(corpus, [root], embedder=None)
    return corpus


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, {"a.md", "b.md", "c.md", "d.epub"}),
        ({"paths": ["vault/*.md"]}, {"a.md", "b.md", "c.md"}),
        ({"paths": ["old/*"]}, {"c.md"}),
        ({"types": ["EPUB"]}, {"d.epub"}),
        ({"types": [".md", "pdf"]}, {"a.md", "b.md", "c.md"}),
        ({"since": "2021-07"}, {"c.md"}),
        ({"until": "2019"}, {"a.md", "d.epub"}),
        ({"since": "2021", "until": "2021-06"}, {"b.md"}),
        ({"tags": ["#river"]}, {"a.md", "c.md"}),
        ({"tags": ["novel", "sea"]}, {"b.md", "d.epub"}),
        ({"authors": ["berg"]}, {"a.md", "c.md", "d.epub"}),
        ({"authors": ["berg"], "types": ["md"], "since": "2020"}, {"c.md"}),
        ({"roots": ["vault/old"], "tags": ["sea"]}, set()),
        ({"tags": ["nobody"]}, set()),
    ],
)
async def test_a_filter_lets_through_what_it_says(filled: Corpus, asked: dict[str, list[str]], names: set[str]) -> None:
    found = await HybridSearcher(filled, None).search("which mill turns", where=Filter.model_validate(asked))
    assert {Path(each.path).name for each in found} == names


async def test_a_filter_narrows_what_a_run_may_search(filled: Corpus) -> None:
    narrow = HybridSearcher(filled, None).within(Filter.stored(["vault/old"]))
    assert {each.path for each in await narrow.search("mill", where=Filter(types=["md"]))} == {"vault/old/c.md"}
    assert await narrow.search("mill", where=Filter(types=["epub"])) == []


def test_a_filter_is_kept_as_it_was_asked() -> None:
    asked = filter_from(["notes/*"], None, "2023", "", ["river"], None)
    assert asked is not None and Filter.stored(asked.model_dump(exclude_defaults=True)) == asked
    assert filter_from(None, None, "", "", None, None) is None


def test_what_is_no_date_or_no_filter_is_refused() -> None:
    with pytest.raises(AgentflowError, match=r"--since: 'May' is no date"):
        filter_from(None, None, "May", "", None, None)
    with pytest.raises(ValidationError, match="folder"):
        Filter.model_validate({"folder": "x"})


def test_a_search_line_says_it_in_words() -> None:
    words, where = Filter.of_query('the type:pdf TYPE:.docx author:"Ann Berg" since:2023 river in:papers http://x mill')
    assert words == "the river http://x mill"
    assert where == Filter(types=["pdf", ".docx"], authors=["Ann Berg"], since="2023", collections=["papers"])
    assert Filter.of_query("only words: here") == ("only words: here", None)
    with pytest.raises(AgentflowError, match="since: 'soon' is no date"):
        Filter.of_query("since:soon river")


async def test_collections_are_named_filters(filled: Corpus) -> None:
    file = filled.base / "collections.yaml"
    file.write_text("collections:\n  old: {roots: [vault/old]}\n  rivers: {tags: [river], types: [md]}\n", "utf-8")

    async def found(*names: str, until: str = "") -> set[str]:
        where = Filter(collections=list(names), until=until)
        return {hit.path for hit in await HybridSearcher(filled, None).search("mill turns", where=where)}

    assert await found("old") == {"vault/old/c.md"}
    assert await found("rivers") == {"vault/a.md", "vault/old/c.md"}
    assert await found("rivers", "old", until="2020") == {"vault/a.md"}, "one of them, and the rest of the filter"
    with pytest.raises(AgentflowError, match="no collection 'rivrs'") as caught:
        await found("rivrs")
    assert "did you mean 'rivers'" in caught.value.hint
    file.write_text("collections:\n  old: {roots: [vault/old], typs: [md]}\n", "utf-8")
    with pytest.raises(AgentflowError, match=r"collections.yaml:2:\d+"):
        await found("old")


@pytest.mark.parametrize(
    ("date", "since", "inside"),
    [("2021", "2021-01-01", True), ("2021-03", "2021-03-15", True), ("2020", "2021-01-01", False), ("2021-02", "2021-03-01", False), ("", "2020", False)],
)  # fmt: skip
def test_a_date_without_its_day_may_be_since_a_day(date: str, since: str, inside: bool) -> None:
    assert Filter(since=since).holds("a.md", "md", date, "", "[]") is inside
