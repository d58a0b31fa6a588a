"""CSL-JSON beside a document: who wrote it, when, and what it is called."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.corpus.files.records import (
    author_of,
    date_of,
    is_record,
    record_file,
    record_of,
    stored_record,
    title_of,
)
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus

RECORD = {
    "id": "berg2021", "type": "article-journal", "title": "Tides of small ports", "DOI": "10.5555/tides.1", "abstract": "Long.",
    "author": [{"family": "Berg", "given": "Jo"}, {"literal": "Tide Group"}], "issued": {"date-parts": [[2021, 3, 5]]},
}  # fmt: skip


def write(path: Path, record: object) -> None:
    record_file(path).write_text(json.dumps(record))


async def test_a_record_tells_title_author_and_date(corpus: Corpus, folder: Path) -> None:
    write(folder / "plain.txt", [RECORD])
    report = await ingest(corpus, [folder], embedder=None)
    assert len(report.added) == 5 and report.ignored == []
    document = corpus.document("plain.txt")
    assert (document.title, document.date) == ("Tides of small ports", "2021-03-05")
    assert corpus.value("SELECT author FROM documents WHERE id = ?", [document.id]) == "Jo Berg; Tide Group"
    kept = json.loads(corpus.value("SELECT record FROM documents WHERE id = ?", [document.id]))
    assert kept["DOI"] == "10.5555/tides.1" and "abstract" not in kept


async def test_a_changed_record_is_read_and_an_equal_one_is_not(corpus: Corpus, folder: Path) -> None:
    await ingest(corpus, [folder], embedder=None)
    write(folder / "plain.txt", RECORD)
    assert (await ingest(corpus, [folder], embedder=None)).changed == ["docs/plain.txt"]
    assert (await ingest(corpus, [folder], embedder=None)).changed == []
    record_file(folder / "plain.txt").unlink()
    assert (await ingest(corpus, [folder], embedder=None)).changed == ["docs/plain.txt"]
    assert corpus.document("plain.txt").title == "plain.txt"


async def test_what_no_database_or_screen_can_hold_is_dropped(corpus: Corpus, folder: Path) -> None:
    text = '{"title": "Half a \\ud800 pair\\u001b[2J", "\\ud800": "x", "author": [{"family": "\\udfff"}], "DOI": "10.5555/\\ud800"}'
    record_file(folder / "plain.txt").write_text(text)
    assert (await ingest(corpus, [folder], embedder=None)).failed == []
    assert corpus.document("plain.txt").title == "Half a pair"


async def test_a_library_of_its_own_is_a_document(corpus: Corpus, folder: Path) -> None:
    (folder / "library.csl.json").write_text(json.dumps([RECORD, RECORD]))
    report = await ingest(corpus, [folder], embedder=None)
    assert "docs/library.csl.json" in report.added
    assert (
        is_record("a.PDF.csl.json")
        and not is_record("a.pdf.csl.json.md")
        and not is_record("my.library.csl.json")
        and not is_record("a.pdf")
    )


@pytest.mark.parametrize("record", [[], [RECORD, RECORD], {}, {"title": 5}, {"title": " "}, "x", None, [[RECORD]]])
def test_what_is_no_record_is_as_none(tmp_path: Path, record: object) -> None:
    write(tmp_path / "a.pdf", record)
    assert record_of(tmp_path / "a.pdf") is None


def test_an_abstract_says_that_it_is_one() -> None:
    assert title_of({**RECORD, "custom": {"text": "abstract"}}) == "Tides of small ports [abstract only]"
    assert title_of(RECORD) == "Tides of small ports"


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["date-parts", "family", "text", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*RECORD, "custom", "accessed", "editor"]), values))
def test_a_record_of_any_shape_is_used_or_none(
    tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.pdf"
    write(path, {"title": "T", **record})
    found = record_of(path)
    if found is not None:
        assert isinstance(title_of(found) + author_of(found) + date_of(found.get("issued")) + stored_record(found), str)


@pytest.mark.parametrize(
    ("parts", "day"),
    [([[2021, 3, 5]], "2021-03-05"), ([["2021", "3"]], "2021-03"), ([[2021]], "2021"), ([[2021, 13, 5]], "2021"), ([[]], ""),
     ([[None]], ""), ([], ""), ([[0]], ""), ([[2021, 3, 5], [2022, 1, 1]], "2021-03-05")],
)  # fmt: skip
def test_days(parts: object, day: str) -> None:
    assert date_of({"date-parts": parts}) == day
