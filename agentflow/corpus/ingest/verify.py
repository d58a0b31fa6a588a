"""Whether what is stored agrees with itself, and rebuilding the indexes when it does not."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentflow.corpus.index.lexical import Fts5Words
from agentflow.corpus.index.vectors import open_index, remove_index, synchronise, to_array
from agentflow.corpus.index.words import choose_words, chosen_words, word_index
from agentflow.corpus.ingest.lock import writer_lock
from agentflow.corpus.ingest.write import remove_documents
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError

SAME = 0.99999  # cosine
SAMPLE = 200
# Share of passages that an approximate index (HNSW) may hold and not lead to; words find them still.
OUT_OF_REACH = 0.02


@dataclass(slots=True)
class Verification:
    """`checked` names every check with its figures, `problems` the failed ones with what is wrong."""

    checked: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def record(self, name: str, detail: str, problem: str = "") -> None:
        self.checked[name] = detail
        if problem:
            self.problems[name] = problem


def verify(corpus: Corpus) -> Verification:
    """Reads only. Safe while another process writes, though it may then find work in progress."""
    result = Verification()
    _check_database(corpus, result)
    _check_offsets(corpus, result)
    _check_words(corpus, result)
    if corpus.embedder:
        _check_vectors(corpus, result)
    return result


def _check_database(corpus: Corpus, result: Verification) -> None:
    try:
        answer = str(corpus.value("PRAGMA quick_check"))
    except sqlite3.DatabaseError as error:
        answer = str(error)
    result.record("database", "SQLite's own check", "" if answer == "ok" else answer)
    counted = corpus.value(
        "SELECT count(*) FROM documents WHERE chunks != (SELECT count(*) FROM chunks WHERE document = documents.id)"
    )
    lost = corpus.value(
        "SELECT count(*) FROM chunks WHERE NOT EXISTS (SELECT 1 FROM sentences WHERE chunk = chunks.id)"
    )
    documents = corpus.value("SELECT count(*) FROM documents")
    wrong = f"{counted} documents lack passages, {lost} passages lack sentences" if counted or lost else ""
    result.record("documents", f"{documents:,} with all their passages", wrong)


def _check_offsets(corpus: Corpus, result: Verification) -> None:
    """Every passage and sentence is the slice of its document's text that it claims to be."""
    wrong = passages = 0
    for (document,) in corpus.rows("SELECT id FROM documents WHERE error = ''"):
        text = corpus.text(document)
        ends: dict[int, int] = {}
        for chunk, start, piece in corpus.rows("SELECT id, start, text FROM chunks WHERE document = ?", [document]):
            passages += 1
            ends[chunk] = start + len(piece)
            wrong += text[start : start + len(piece)] != piece
        for chunk, start, end in corpus.rows(
            "SELECT chunk, s.start, s.end FROM sentences s JOIN chunks ON chunks.id = chunk WHERE document = ?",
            [document],
        ):
            wrong += not (start < end <= ends[chunk])
    result.record("offsets", f"{passages:,} passages", f"{wrong:,} do not match their text" if wrong else "")


def _check_words(corpus: Corpus, result: Verification) -> None:
    result.record("word index", *Fts5Words(corpus).check())
    if chosen_words(corpus) == "fts5":
        return
    try:
        result.record("word index beside", *word_index(corpus).check())
    except AgentflowError as error:
        result.record("word index beside", "", error.message)


def _check_vectors(corpus: Corpus, result: Verification) -> None:
    status = corpus.status()
    missing = status.chunks - min(status.vectors, status.indexed)
    result.record(
        "vectors",
        f"{status.vectors:,} of {status.embedder}",
        f"{missing:,} passages have none in the index yet: run ingest again" if missing else "",
    )
    try:
        index = open_index(corpus)
        ids = index.ids()
        marked = {chunk for (chunk,) in corpus.rows("SELECT id FROM chunks WHERE indexed = 1")}
        known = {chunk for (chunk,) in corpus.rows("SELECT id FROM chunks UNION SELECT chunk FROM unindexed")}
        lost, strange = len(marked - ids), len(ids - known)
        problem = f"{lost:,} entries missing, {strange:,} too many" if lost or strange else ""
        result.record("vector index", f"{len(ids):,} entries", problem)
        rows = corpus.rows(
            "SELECT id, hash, vector FROM chunks JOIN vectors USING (hash) WHERE indexed = 1 ORDER BY random() LIMIT ?",
            [SAMPLE],
        )
        unfound = [row for row in rows if not _finds_itself(corpus, index.nearest(to_array([row[2]])[0], 5), row[1])]
        changed = sum(cosine(index.vector(id), to_array([vector])[0]) < SAME for id, _, vector in unfound if id in ids)
    except AgentflowError as error:
        result.record("vector index", "", error.message)
        return
    lost = len(unfound)
    expected = OUT_OF_REACH * len(rows)
    too_many = lost > expected + 2 * expected**0.5  # two standard deviations of what a sample may hold by chance
    problem = f"{lost} do not find themselves" if changed or too_many else ""
    result.record("self-retrieval", f"{len(rows) - lost} of a sample of {len(rows)}", problem)


def cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right) + 1e-12))


def _finds_itself(corpus: Corpus, found: list[tuple[int, float]], key: bytes) -> bool:
    """Equal texts have equal vectors, other texts may have them too: any of them will do."""
    if found and found[0][1] > SAME:
        return True
    marks = ", ".join("?" * len(found))
    return bool(
        corpus.value(f"SELECT count(*) FROM chunks WHERE hash = ? AND id IN ({marks})", [key, *(id for id, _ in found)])
    )


def rebuild(corpus: Corpus, words: str = "") -> int:
    """Rebuilds the indexes from what SQLite holds; returns the number of passages in the vector index. `words` names
    the word index from now on. Raises AgentflowError for an unknown one, or whose package is missing."""
    with writer_lock(corpus.path):
        before = chosen_words(corpus)
        try:
            choose_words(corpus, words or before)
            word_index(corpus).rebuild()
        except AgentflowError:
            choose_words(corpus, before)
            raise
        Fts5Words(corpus).rebuild()
        remove_index(corpus)
        if not corpus.embedder:
            return 0
        index = open_index(corpus)
        synchronise(corpus, index)
        return index.count()


def forget(corpus: Corpus, paths: Sequence[str]) -> list[str]:
    """Removes documents, or all under a folder. Raises AgentflowError for a path that names none."""
    gone: list[str] = []
    for path in paths:
        if not (stored := path.rstrip("/")):
            raise AgentflowError(f"'{path}' names no document", "name a document, or the folder that it lies in")
        found = [
            row
            for (row,) in corpus.rows(
                "SELECT path FROM documents WHERE path = :path OR substr(path, 1, length(:path) + 1) = :path || '/'",
                {"path": stored},
            )
        ]
        gone += found or [corpus.document(path).path]
    with writer_lock(corpus.path):
        remove_documents(corpus, dict.fromkeys(gone))
        word_index(corpus).synchronise()
        if corpus.embedder:
            synchronise(corpus, open_index(corpus))
    return gone
