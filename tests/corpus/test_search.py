"""Search: any input is a query, both ways are fused, no document crowds out the others."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentflow.corpus.evidence import cite
from agentflow.corpus.filter import Filter
from agentflow.corpus.index.lexical import bm25
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.verify import forget, rebuild, verify
from agentflow.corpus.search.fusion import combine
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import query_terms
from agentflow.errors import AgentflowError
from agentflow.events import Event, Note
from agentflow.testing import HashEmbedder


@pytest.fixture
async def filled(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> Corpus:
    await ingest(corpus, [folder], embedder=embedder)
    return corpus


@pytest.mark.parametrize(
    ("query", "path", "line"),
    [
        ("Who wrote Tea for Everyone?", "docs/tea.rst", 1),
        ("which fuel does the main engine burn", "docs/deep/rockets.md", 2),
        ("people of Oslo", "docs/table.csv", 1),
        ("when is the harbour closed", "docs/plain.txt", 1),
    ],
)
async def test_the_best_passage_answers(
    filled: Corpus, embedder: HashEmbedder, query: str, path: str, line: int
) -> None:
    best = (await HybridSearcher(filled, embedder).search(query, k=3))[0]
    assert (best.path, best.place.line) == (path, line)
    assert best.score > 0 and best.terms and best.sentences


@given(query=st.text(max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_input_is_a_query(query: str, corpus: Corpus) -> None:
    assert bm25(corpus, query, 5) == []


@pytest.mark.parametrize(
    "query", ['"', "zebra OR (", "NEAR(tea,", "tea*", "col:tea", "tea AND NOT", "-tea", "^tea", "{tea}", "'; --"]
)
async def test_operators_of_the_word_index_are_plain_words(filled: Corpus, query: str) -> None:
    found = await HybridSearcher(filled, None).search(query)
    assert bool(found) == ("tea" in query)


def test_stop_words_stay_when_there_is_nothing_else() -> None:
    assert query_terms("Who is the author of tea?") == ["author", "tea"]
    assert query_terms("to be or not to be") == ["not"]
    assert query_terms("what is it") == ["what", "is", "it"]
    assert query_terms("?!") == []


async def test_words_are_found_by_their_stem_and_without_accents(filled: Corpus) -> None:
    searcher = HybridSearcher(filled, None)
    assert (await searcher.search("rocket engine burning"))[0].path == "docs/deep/rockets.md"
    assert (await searcher.search("kérosene"))[0].path == "docs/deep/rockets.md"


async def test_without_an_embedder_words_alone_answer_and_it_says_so_once(filled: Corpus) -> None:
    notes: list[Event] = []
    searcher = HybridSearcher(filled, None, sink=notes.append)
    assert await searcher.search("tea") and await searcher.search("harbour")
    assert [type(note) for note in notes] == [Note] and "words alone" in notes[0].text  # type: ignore[attr-defined]


async def test_vectors_of_another_embedder_are_never_mixed(filled: Corpus) -> None:
    notes: list[Event] = []
    searcher = HybridSearcher(filled, HashEmbedder(64), sink=notes.append)
    assert await searcher.search("tea") and len(notes) == 1


async def test_no_document_crowds_out_the_others(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    (folder / "spam.txt").write_text("\n\n".join(f"Tea tea tea number {at}. " * 40 for at in range(30)), "utf-8")
    await ingest(corpus, [folder], embedder=embedder)
    found = await HybridSearcher(corpus, embedder).search("tea", k=8, per_document=2)
    assert sum(passage.path == "docs/spam.txt" for passage in found) == 2
    assert any(passage.path == "docs/tea.rst" for passage in found)


async def test_a_book_gives_all_that_it_tells(corpus: Corpus, folder: Path) -> None:
    """Nobody asks a folder of one handbook for three passages of it and five of the licence."""
    rules = [f"A pilot on duty for {at} hours rests at harbour {at} afterwards. " * 30 for at in range(3, 9)]
    (folder / "handbook.md").write_text("# Handbook\n\n" + "\n\n".join(rules), "utf-8")
    await ingest(corpus, [folder], embedder=None)
    found = await HybridSearcher(corpus, None).search("How long does a pilot on duty rest?", k=6)
    assert [passage.path for passage in found] == ["docs/handbook.md"] * 6


def test_scores_decide_by_how_much() -> None:
    words, meaning = [(1, 20.0), (2, 4.0), (3, 3.9)], [(2, 0.52), (3, 0.51), (1, 0.50)]
    assert combine(words, meaning)[0][0] == 1
    assert [item for item, _ in combine(words, [])] == [1, 2, 3]
    assert [item for item, _ in combine([], meaning)] == [2, 3, 1]
    assert combine([], []) == []


async def test_a_lost_index_degrades_is_noticed_and_rebuilt(filled: Corpus, embedder: HashEmbedder) -> None:
    filled.db.execute("INSERT INTO chunks_fts(chunks_fts) VALUES ('delete-all')")
    filled.db.execute("DELETE FROM vectors WHERE hash = (SELECT hash FROM chunks LIMIT 1)")
    assert {"word index", "vectors"} <= set(verify(filled).problems)
    await ingest(filled, [filled.base / "docs"], embedder=embedder)
    searcher = HybridSearcher(filled, embedder)
    before = await searcher.dense("tea", 5)
    assert rebuild(filled) == filled.status().chunks
    assert verify(filled).problems == {}
    assert await searcher.dense("tea", 5) == pytest.approx(before)


async def test_a_damaged_vector_index_costs_only_meaning_until_it_is_rebuilt(
    filled: Corpus, embedder: HashEmbedder
) -> None:
    filled.closing.close()  # the index that filled it
    (filled.path.parent / "chroma" / "chroma.sqlite3").write_bytes(b"damage" * 1000)
    notes: list[Event] = []
    assert await HybridSearcher(filled, embedder, sink=notes.append).search("tea")
    assert "cannot be read" in notes[0].text  # type: ignore[attr-defined]
    assert "vector index" in verify(filled).problems
    assert rebuild(filled) == filled.status().chunks
    assert verify(filled).problems == {}


async def test_what_a_search_has_opened_is_closed_with_the_corpus(filled: Corpus, embedder: HashEmbedder) -> None:
    def opened() -> list[str]:
        links = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
        return [link for link in links if link.startswith(str(filled.path.parent))]

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    with closing(Corpus.open(filled.path)) as other:
        await HybridSearcher(filled, embedder).search("tea")
        await HybridSearcher(other, embedder).search("tea")
        filled.close()
        assert await HybridSearcher(other, embedder).dense("tea", 1)
        assert opened()
    assert not opened()


async def test_verify_finds_an_offset_that_lies(filled: Corpus) -> None:
    filled.db.execute("UPDATE texts SET text = 'x' || text WHERE document = 1")
    assert "offsets" in verify(filled).problems


async def test_documents_can_be_forgotten(filled: Corpus) -> None:
    assert forget(filled, ["docs/deep"]) == ["docs/deep/rockets.md"]
    assert forget(filled, ["tea.rst"]) == ["docs/tea.rst"]
    with pytest.raises(AgentflowError, match=r"no document 'tea\.rst'"):
        forget(filled, ["tea.rst"])
    for other in ("", "/", "r_ckets.md", "%"):
        with pytest.raises(AgentflowError):
            forget(filled, [other])
    assert filled.status().documents == 3 and verify(filled).problems == {}


def test_the_example_of_the_docs_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Path(__file__).parents[2] / "docs" / "corpus.md"
    example = page.read_text("utf-8").split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(folder.parent)
    exec(compile(example, str(page), "exec"), {})
    assert "docs/deep/rockets.md:2" in capsys.readouterr().out


async def test_similarity_is_the_cosine_and_empty_without_an_embedder(corpus: Corpus, folder: Path) -> None:
    embedder = HashEmbedder()
    await ingest(corpus, [folder], embedder=embedder)
    same, other = await HybridSearcher(corpus, embedder).similarity("a tall tower", ["a tall tower", "no word shared"])
    assert same == pytest.approx(1.0, abs=1e-5) and other < 0.5
    assert await HybridSearcher(corpus, None).similarity("a tall tower", ["a tall tower"]) == []


async def test_cosines_are_told_from_where_those_of_unrelated_texts_begin(corpus: Corpus, folder: Path) -> None:
    class Narrow(HashEmbedder):
        """Of a model whose cosines are all high: most of a vector is the same for every text."""

        unrelated = 0.75

        async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            rows = await super().embed(texts)
            return np.hstack([0.5 * rows, np.full((len(rows), 1), 0.75**0.5)]).astype(np.float32)

    await ingest(corpus, [folder], embedder=Narrow())
    searcher = HybridSearcher(corpus, Narrow())
    texts = ["a tall tower", "a tall tree", "no word shared"]
    found = await searcher.similarity(texts[0], texts)
    rows = await HashEmbedder().embed(texts)
    assert found == pytest.approx([float(row @ rows[0]) for row in rows], abs=1e-4)
    [(_, best), *others] = await searcher.dense(texts[0], 5)
    assert best < 1 and all(cosine < 0.5 for _, cosine in others[1:])


async def test_a_question_is_embedded_as_one(corpus: Corpus, folder: Path) -> None:
    asked: list[str] = []

    class Both(HashEmbedder):
        async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            asked.extend(texts)
            return await super().embed_queries(texts)

    await ingest(corpus, [folder], embedder=Both())
    await HybridSearcher(corpus, Both()).search("how tall is the tower?")
    assert asked == ["how tall is the tower?"]


async def test_a_scope_is_all_that_is_searched(filled: Corpus, embedder: HashEmbedder) -> None:
    for searcher in (HybridSearcher(filled, embedder), HybridSearcher(filled, None)):
        assert {hit.path for hit in await searcher.within(Filter(roots=["docs/deep"])).search("tea harbour")} <= {
            "docs/deep/rockets.md"
        }
        assert [hit.path for hit in await searcher.within(Filter(roots=["docs/tea.rst"])).search("tea", k=1)] == [
            "docs/tea.rst"
        ]
        assert await searcher.within(Filter(roots=["docs/te"])).search("tea") == []
        assert searcher.within(Filter()).scope is None and searcher.within(None) is searcher


async def test_copies_of_a_passage_count_once(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    for at in range(150):  # more than the first look at the candidates
        (folder / f"note {at}.txt").write_text("The  ferry to Tarn, when does the ferry sail?\n", "utf-8")
    (folder / "ferry.txt").write_text("The ferry to Tarn sails at noon.\n", "utf-8")
    await ingest(corpus, [folder], embedder=None)
    found = await HybridSearcher(corpus, None).search("When does the ferry sail to Tarn?", k=3)
    assert "docs/ferry.txt" in [passage.path for passage in found]
    notes = [passage for passage in found if passage.path.startswith("docs/note")]
    assert len(notes) == 1 and len({notes[0].path, *(place.path for place in notes[0].copies)}) == 11


SAID = "The pump of the northern lock was renewed in 1931 and has carried the water of the upper basin ever since that year."


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        (SAID.replace("renewed in", "re-\nnewed\nin"), 1),
        (SAID.removeprefix("The pump of "), 1),
        (SAID.replace("1931", "1932"), 2),
        (SAID.replace("was renewed", "was not renewed"), 2),
        (SAID.replace("northern", "southern"), 2),
    ],
)
async def test_only_what_says_the_same_is_a_copy(corpus: Corpus, folder: Path, other: str, shown: int) -> None:
    (folder / "first.txt").write_text(SAID, "utf-8")
    (folder / "other.txt").write_text(other, "utf-8")
    await ingest(corpus, [folder], embedder=None)
    found = await HybridSearcher(corpus, None).search("When was the pump of the northern lock renewed?", k=2)
    pumps = [passage for passage in found if "1931" in passage.text or "1932" in passage.text]
    assert len(pumps) == shown
    assert [place.path for place in pumps[0].copies] == ["docs/other.txt"] * (2 - shown)


async def test_what_another_process_embedded_is_searched_without_a_new_searcher(
    corpus: Corpus, folder: Path, embedder: HashEmbedder
) -> None:
    """Chroma's client keeps the index as it was when it was loaded."""
    await ingest(corpus, [folder], embedder=embedder)
    searcher = HybridSearcher(corpus, embedder)
    assert await searcher.dense("harbour", 3)
    (folder / "new.txt").write_text("A zeppelin lands.", "utf-8")
    code = "import asyncio, sys; from pathlib import Path; from agentflow.corpus.ingest.ingest import ingest\n"
    code += "from agentflow.corpus.store import Corpus; from agentflow.testing import HashEmbedder\n"
    code += "asyncio.run(ingest(Corpus.open(Path(sys.argv[1])), [Path(sys.argv[2])], embedder=HashEmbedder()))"
    subprocess.run([sys.executable, "-c", code, str(corpus.path), str(folder)], check=True)
    best = (await searcher.dense("A zeppelin lands.", 1))[0]
    assert corpus.passage(best[0]).path == "docs/new.txt" and best[1] > 0.9


async def test_a_quote_names_the_heading_that_it_stands_under(corpus: Corpus, tmp_path: Path) -> None:
    page = tmp_path / "harbour.md"
    page.write_text("# Harbour\n\n## Ferries\n\nFour sail a day.\n\n## Cranes\n\nTwo stand there.\n")
    await ingest(corpus, [page], embedder=None)
    [passage] = corpus.passages([1])
    sources = {sentence.text: cite(corpus, passage, sentence).source for sentence in passage.sentences}
    assert sources["Four sail a day."] == "Harbour › Ferries" and sources["Two stand there."] == "Harbour › Cranes"


async def test_texts_forgotten_while_others_are_compared_are_not_missed(corpus: Corpus) -> None:
    class Slow(HashEmbedder):
        async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            await asyncio.sleep(0)
            return np.full((len(texts), 4), 0.5, np.float32)

    searcher = HybridSearcher(corpus, Slow())

    async def branch(name: int) -> None:
        for start in range(0, 3000, 500):
            texts = [f"sentence {number}" for number in range(start, start + 600)]
            assert await searcher.similarity(f"question {name}", texts) == [1.0] * 600

    await asyncio.gather(*map(branch, range(4)))
