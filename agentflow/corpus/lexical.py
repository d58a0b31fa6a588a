"""BM25 over titles, headings and text, by SQLite FTS5; any input is a valid query."""

from collections.abc import Collection

from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import expression, numbered, query_terms
from agentflow.storage.database import readable

# A title is short and chosen to be found by.
TITLE, HEADING, TEXT = 3.0, 1.0, 1.0


def bm25(corpus: Corpus, query: str, k: int, documents: Collection[int] | None = None) -> list[tuple[int, float]]:
    """(chunk, score) of the k best chunks that hold any of the query's words, best first, higher is better; of these
    documents alone where they are given."""
    terms = query_terms(query)
    if not terms:
        return []
    within = ""
    if documents is not None:
        within = f" AND rowid IN (SELECT id FROM chunks WHERE document IN ({', '.join(map(str, documents))}))"
    wanted = " OR ".join([*(expression(term) for term in terms), *numbered(query)])
    with readable(corpus.path):
        rows = corpus.rows(
            f"SELECT rowid, -bm25(chunks_fts, ?, ?, ?) AS score FROM chunks_fts WHERE chunks_fts MATCH ?{within}"
            " ORDER BY score DESC, rowid LIMIT ?",
            [TITLE, HEADING, TEXT, wanted, k],
        )
    return [(chunk, score) for chunk, score in rows]
