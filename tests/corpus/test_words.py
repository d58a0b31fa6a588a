"""Both word indexes give the same answers, follow every change, and are checked and mended by the same commands."""

from pathlib import Path

import pytest

from agentflow.corpus.index.lexical import bm25
from agentflow.corpus.index.tantivy_words import TantivyWords
from agentflow.corpus.index.words import choose_words, word_index
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.lock import writer_lock
from agentflow.corpus.ingest.verify import rebuild, verify
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.events import Event

MORE = {
    "han.txt": "\u6e2f\u53e3\u5728\u51ac\u5929\u5173\u95ed\u3002\u8239\u5728\u5916\u9762\u7b49\u5f85\u3002",
    "versions.md": "# Release 3.4.5\n\nVersion 3.4.5 mends PEP-8 names. It has 1,310 tests.",
    "caf\u00e9.txt": "The caf\u00e9 of Zo\u00eb opens at dawn. Running crews ran there.",
}
QUERIES = [
    "tea for everyone", "when does the harbour close", "rockets", "people of Bergen", "launch pad", "3.4.5", "PEP8", "PEP-8 names",
    "1310 tests", "cafe of Zoe", "runs", "\u6e2f\u53e3", "\u8239", "section 5", "", "???", '"AND OR ( *', "the of and",
]  # fmt: skip


@pytest.fixture(params=["fts5", "tantivy"])
async def both(request: pytest.FixtureRequest, corpus: Corpus, folder: Path) -> Corpus:
    if request.param == "tantivy":
        pytest.importorskip("tantivy")
    for name, text in MORE.items():
        (folder / name).write_text(text, "utf-8")
    await ingest(corpus, [folder], embedder=None)
    rebuild(corpus, request.param)
    return corpus


@pytest.mark.parametrize("query", QUERIES)
async def test_the_best_passages_are_those_of_fts5(both: Corpus, query: str) -> None:
    expected, found = bm25(both, query, 5), word_index(both).search(query, 5)
    assert {chunk for chunk, _ in found} == {chunk for chunk, _ in expected}
    assert [chunk for chunk, _ in found[:1]] == [chunk for chunk, _ in expected[:1]]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


async def test_documents_may_be_named(both: Corpus) -> None:
    only = both.document("tea.rst").id
    found = word_index(both).search("tea harbour people", 10, {only})
    assert found and {both.passage(chunk).document for chunk, _ in found} == {only}
    assert word_index(both).search("tea", 10, set()) == []


async def test_every_change_is_followed(both: Corpus, folder: Path) -> None:
    searcher = HybridSearcher(both, None)
    (folder / "plain.txt").write_text("A zeppelin lands.", "utf-8")
    (folder / "tea.rst").unlink()
    await ingest(both, [folder], embedder=None)
    assert (await searcher.search("zeppelin"))[0].path == "docs/plain.txt"
    assert not any(hit.path == "docs/tea.rst" for hit in await searcher.search("tea for everyone", k=20))
    assert verify(both).problems == {}


async def test_an_index_that_lags_behind_leaves_the_answer_to_fts5(
    corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the last file and the index."""
    pytest.importorskip("tantivy")
    await ingest(corpus, [folder], embedder=None)
    rebuild(corpus, "tantivy")
    (folder / "new.txt").write_text("A zeppelin lands.", "utf-8")
    (folder / "tea.rst").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(TantivyWords, "synchronise", lambda self: None)
        await ingest(corpus, [folder], embedder=None)
    assert (await HybridSearcher(corpus, None).search("zeppelin"))[0].path == "docs/new.txt"
    assert "not in it yet" in verify(corpus).problems["word index beside"]
    await ingest(corpus, [folder], embedder=None)
    assert verify(corpus).problems == {} and word_index(corpus).search("zeppelin", 1)


async def test_a_lost_passage_is_found_and_mended(corpus: Corpus, folder: Path) -> None:
    pytest.importorskip("tantivy")
    await ingest(corpus, [folder], embedder=None)
    rebuild(corpus, "tantivy")
    index = TantivyWords(corpus)
    with writer_lock(corpus.path):
        writer = index.index.writer(20_000_000, 1)
        first = corpus.value("SELECT min(id) FROM chunks")
        writer.delete_documents_by_query(index.tantivy.Query.term_query(index.schema, "chunk", first))
        writer.commit()
        writer.wait_merging_threads()
    assert "missing" in verify(corpus).problems["word index beside"]
    rebuild(corpus)
    assert verify(corpus).problems == {}
    notes: list[Event] = []
    for file in index.folder.glob("*"):
        file.unlink()  # another file, since this process has mapped the old one into memory
        file.write_bytes(b"nothing")
    assert await HybridSearcher(corpus, None, sink=notes.append).search("tea")
    assert len(notes) == 2 and "word index beside" in verify(corpus).problems


def test_an_unknown_index(corpus: Corpus) -> None:
    with pytest.raises(AgentflowError, match="no word index 'lucene'"):
        choose_words(corpus, "lucene")
