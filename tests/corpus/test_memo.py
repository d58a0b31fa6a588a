"""What is kept of a corpus is made again once that has changed."""

from pathlib import Path

from agentflow.corpus.memo import of_corpus
from agentflow.corpus.store import Corpus


def test_it_is_made_once_until_something_is_written(tmp_path: Path) -> None:
    asked: list[str] = []

    @of_corpus
    def documents(corpus: Corpus, word: str) -> int:
        asked.append(word)
        return len(corpus.rows("SELECT path FROM corpus_roots"))

    corpus = Corpus.open(tmp_path / "corpus.db", create=True)
    other = Corpus.open(tmp_path / "corpus.db")
    assert [documents(corpus, word) for word in "aab"] == [0, 0, 0] and asked == ["a", "b"]
    for place, by in enumerate((corpus, other), 1):
        by.db.conn.execute("INSERT INTO corpus_roots (path) VALUES (?)", [f"docs{place}"])
        by.db.conn.commit()
        assert documents(corpus, "a") == place
    other.close()
    corpus.close()
