"""Where the documents that are copies of web pages came from."""

from collections.abc import Iterable
from dataclasses import dataclass

from agentflow.corpus.store import Corpus

COLUMNS = "path, url, asked, retrieved, sha256"


@dataclass(frozen=True, slots=True)
class Origin:
    """`path` is the archived copy's stored path, `url` where the page was in the end, `asked` the address that led there.

    `retrieved` is ISO 8601 in UTC; `sha256` is of the bytes as they were received.
    """

    path: str
    url: str
    asked: str
    retrieved: str
    sha256: str


def origins_of(corpus: Corpus, paths: Iterable[str]) -> dict[str, Origin]:
    """By stored path, of those that came from the web."""
    wanted = list(dict.fromkeys(paths))
    marks = ", ".join("?" * len(wanted))
    rows = corpus.rows(f"SELECT {COLUMNS} FROM origins WHERE path IN ({marks})", wanted)
    return {row[0]: Origin(*row) for row in rows}


def newest(corpus: Corpus, asked: str) -> Origin | None:
    """The current copy of what an address led to."""
    rows = corpus.rows(
        f"SELECT {COLUMNS} FROM origins WHERE current = 1 AND (asked = ? OR url = ?) ORDER BY retrieved DESC LIMIT 1",
        [asked, asked],
    )
    return Origin(*rows[0]) if rows else None


def remember(corpus: Corpus, origin: Origin) -> None:
    """The copy is the current one of its address now."""
    with corpus.writing() as database:
        database.execute("UPDATE origins SET current = 0 WHERE url = ?", [origin.url])
        database.execute(
            f"INSERT OR REPLACE INTO origins ({COLUMNS}, current) VALUES (?, ?, ?, ?, ?, 1)",
            [origin.path, origin.url, origin.asked, origin.retrieved, origin.sha256],
        )
