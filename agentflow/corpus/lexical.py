"""BM25 over titles, headings and text, by SQLite FTS5; any input is a valid query."""

import re

from agentflow.corpus.store import Corpus
from agentflow.database import readable

WORD = re.compile(r"\w+")
# A title is short and chosen to be found by.
TITLE, HEADING, TEXT = 3.0, 1.0, 1.0
# Words that say nothing about the subject of a question.
STOP = frozenset(
    """a about after all also am an and any are as at be been being but by can could did do does doing for from had has
    have having he her hers him his how i if in into is it its itself may me might my of on or our ours out over shall
    she should so some such than that the their theirs them then there these they this those to under until up us very
    was we were what when where which while who whom whose why will with would you your yours""".split()
)


def query_terms(query: str) -> list[str]:
    """The distinct words to look for, without stop words unless there are no others."""
    words = list(dict.fromkeys(word.lower() for word in WORD.findall(query)))
    return [word for word in words if word not in STOP] or words


def bm25(corpus: Corpus, query: str, k: int) -> list[tuple[int, float]]:
    """(chunk, score) of the k best chunks that hold any of the query's words, best first, higher is better."""
    terms = query_terms(query)
    if not terms:
        return []
    expression = " OR ".join(f'"{term}"' for term in terms)
    with readable(corpus.path):
        rows = corpus.rows(
            "SELECT rowid, -bm25(chunks_fts, ?, ?, ?) AS score FROM chunks_fts WHERE chunks_fts MATCH ?"
            " ORDER BY score DESC, rowid LIMIT ?",
            [TITLE, HEADING, TEXT, expression, k],
        )
    return [(chunk, score) for chunk, score in rows]
