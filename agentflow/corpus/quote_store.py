"""The quotes that runs rely on, kept even when their document changes: content-addressed, so forks share them."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from sqlite_utils import Database

from agentflow.corpus.evidence import Evidence
from agentflow.storage.database import migrate, open_database, transaction


def m001_quotes(database: Database) -> None:
    database.table("quotes").create(
        {
            "id": str,
            "quote": str,
            "path": str,
            "line": int,
            "page": int,
            "start": int,
            "end": int,
            "source": str,
            "date": str,
        },
        pk="id",
    )


def m002_parts(database: Database) -> None:
    database.conn.execute("ALTER TABLE quotes ADD COLUMN part TEXT NOT NULL DEFAULT ''")


class QuoteStore:
    """Opened once by whoever runs something: an Engine, for all its runs."""

    def __init__(self, database: Path) -> None:
        self.database = open_database(database)
        migrate(self.database, "research", [m001_quotes, m002_parts])

    def close(self) -> None:
        self.database.close()

    def save(self, evidence: Iterable[Evidence]) -> None:
        """Idempotent: a quote's id is a hash of what it is."""
        with transaction(self.database):
            self.database.table("quotes").insert_all((asdict(item) for item in evidence), ignore=True)

    def load(self, ids: Iterable[str]) -> list[Evidence]:
        """In the order asked. Raises KeyError for an id that was never saved."""
        wanted = list(ids)
        marks = ",".join("?" * len(wanted))
        rows = {
            row["id"]: Evidence(**row) for row in self.database.table("quotes").rows_where(f"id in ({marks})", wanted)
        }
        return [rows[id] for id in wanted]
