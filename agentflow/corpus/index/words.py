"""The seam to the index of words: SQLite FTS5, or tantivy beside it where a corpus is large."""

from collections.abc import Collection
from typing import Protocol

from agentflow.corpus.index.lexical import Fts5Words
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.text.suggest import suggest

NAMES = ("fts5", "tantivy")


class WordIndex(Protocol):
    """Many may search; `synchronise` and `rebuild` are for who holds the writer's lock."""

    name: str

    def search(self, query: str, k: int, documents: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(chunk, score) of the k best chunks that hold any of the query's words, best first, higher is better; of these
        documents alone where they are given. Any input is a valid query."""
        ...

    def synchronise(self) -> None:
        """Brings the index up to what SQLite holds."""
        ...

    def rebuild(self) -> None:
        """Rebuilds it from what SQLite holds."""
        ...

    def check(self) -> tuple[str, str]:
        """(what was checked, what is wrong or nothing)."""
        ...


def chosen_words(corpus: Corpus) -> str:
    return corpus.value("SELECT value FROM corpus_meta WHERE name = 'word index'") or "fts5"


def word_index(corpus: Corpus) -> WordIndex:
    """The corpus's own. Raises AgentflowError when its package is missing."""
    if chosen_words(corpus) == "tantivy":
        from agentflow.corpus.index.tantivy_words import TantivyWords

        return TantivyWords(corpus)
    return Fts5Words(corpus)


def choose_words(corpus: Corpus, name: str) -> None:
    """From now on; it must be rebuilt then. Raises AgentflowError for an unknown one."""
    if name not in NAMES:
        raise AgentflowError(f"no word index '{name}'", suggest(name, NAMES))
    with corpus.writing() as database:
        database.execute("INSERT OR REPLACE INTO corpus_meta VALUES ('word index', ?)", [name])
        database.execute("DELETE FROM words_gone")
