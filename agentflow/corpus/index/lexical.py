"""BM25 over titles, headings and text, by SQLite FTS5, which triggers keep in step; any input is a valid query."""

import sqlite3
from collections.abc import Collection

from agentflow.corpus.german import beginnings
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
    phrases = [*(f'"{pair}"' for pair in numbered(query)), *(f'"{beginning}"*' for beginning in beginnings(query))]
    wanted = " OR ".join([*(expression(term) for term in terms), *phrases])
    with readable(corpus.path):
        rows = corpus.rows(
            f"SELECT rowid, -bm25(chunks_fts, ?, ?, ?) AS score FROM chunks_fts WHERE chunks_fts MATCH ?{within(documents)}"
            " ORDER BY score DESC, rowid LIMIT ?",
            [TITLE, HEADING, TEXT, wanted, k],
        )
    return [(chunk, score) for chunk, score in rows]


def within(documents: Collection[int] | None) -> str:
    """The condition that a passage is of one of these documents, for a query that has another; empty for all of them."""
    if documents is None:
        return ""
    return f" AND rowid IN (SELECT id FROM chunks WHERE document IN ({', '.join(map(str, documents))}))"


class Fts5Words:
    name = "fts5"

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def search(self, query: str, k: int, documents: Collection[int] | None = None) -> list[tuple[int, float]]:
        return bm25(self.corpus, query, k, documents)

    def synchronise(self) -> None:
        """Nothing to do: the table's triggers have."""

    def rebuild(self) -> None:
        with self.corpus.writing() as database:
            database.execute("INSERT INTO chunks_fts(chunks_fts) VALUES ('rebuild')")

    def check(self) -> tuple[str, str]:
        try:
            self.corpus.db.conn.execute("INSERT INTO chunks_fts(chunks_fts, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            return "FTS5's own check", str(error)
        return "FTS5's own check", ""
