"""The quotes that runs rely on, kept even when their document changes: content-addressed, so forks share them."""

from collections.abc import Iterable
from dataclasses import fields

from agentflow.corpus.evidence import Evidence
from agentflow.storage.place import Place, open_place
from agentflow.storage.sql import SqlDatabase

NAMES = [item.name for item in fields(Evidence)]
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)


def m001_quotes(database: SqlDatabase) -> None:
    database.execute(
        """CREATE TABLE "quotes" (
            "id" TEXT PRIMARY KEY, "quote" TEXT, "path" TEXT, "line" INTEGER, "page" INTEGER, "start" INTEGER,
            "end" INTEGER, "source" TEXT, "date" TEXT)"""
    )


def m002_parts(database: SqlDatabase) -> None:
    database.execute("ALTER TABLE quotes ADD COLUMN part TEXT NOT NULL DEFAULT ''")


MIGRATIONS = [m001_quotes, m002_parts]


class QuoteStore:
    """Opened once by whoever runs something: an Engine, for all its runs."""

    def __init__(self, place: Place) -> None:
        self.database = open_place(place)
        self.database.migrate("research", MIGRATIONS)

    def close(self) -> None:
        self.database.close()

    def save(self, evidence: Iterable[Evidence]) -> None:
        """Idempotent: a quote's id is a hash of what it is."""
        with self.database.transaction():
            self.database.executemany(
                f"INSERT INTO quotes ({COLUMNS}) VALUES ({', '.join('?' * len(NAMES))}) ON CONFLICT DO NOTHING",
                sorted([getattr(item, name) for name in NAMES] for item in evidence),
            )

    def load(self, ids: Iterable[str]) -> list[Evidence]:
        """In the order asked. Raises KeyError for an id that was never saved."""
        wanted = list(ids)
        rows = self.database.execute(
            f"SELECT {COLUMNS} FROM quotes WHERE id IN ({', '.join('?' * len(wanted)) or 'NULL'})", wanted
        ).fetchall()
        found = {row[0]: Evidence(**dict(zip(NAMES, row, strict=True))) for row in rows}
        return [found[id] for id in wanted]
