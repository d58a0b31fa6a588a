"""The stores of runs in the project's one file, by its one connection."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from agentflow.storage.database import migrate, open_database, readable, transaction
from agentflow.storage.sql import Migration


class Polling:
    """A look at the file costs less than it would to be told."""

    pause = 0.2

    def rung(self) -> bool:
        return True


class SqliteDatabase:
    """A transaction holds the file's write lock, so that rows need none of their own."""

    now = "((julianday('now') - 2440587.5) * 86400.0)"  # with milliseconds
    for_update = skip_locked = ""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.name = str(path)
        self.path = path
        self.tables = open_database(path, create=create)
        self.connection: sqlite3.Connection = self.tables.conn
        self.execute = self.connection.execute
        self.executemany = self.connection.executemany

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with readable(self.path), transaction(self.tables):
            yield

    def one_at_a_time(self, what: str) -> None:
        """As all transactions are."""

    def only_writer(self, table: str) -> None:
        """As every transaction is."""

    def tell(self, topic: str) -> None:
        """Whoever listens looks anyway."""

    def listen(self, topic: str) -> "Polling":
        return Polling()

    @contextmanager
    def lasting(self) -> Iterator[None]:
        self.execute("PRAGMA synchronous = full")
        try:
            yield
        finally:
            self.execute("PRAGMA synchronous = normal")

    def explained(self) -> AbstractContextManager[None]:
        return readable(self.path)

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        with readable(self.path):
            migrate(self.tables, component, migrations)

    def count_on(self, table: str, column: str) -> None:
        """It does."""

    def faults(self) -> list[str]:
        try:
            found = [str(row[0]) for row in self.execute("PRAGMA integrity_check(20)")]
        except sqlite3.DatabaseError as error:
            return [f"integrity_check failed: {error}"]
        return [] if found == ["ok"] else found

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.path.parent.glob(f"{self.path.name}*"))

    def shrink(self) -> None:
        self.execute("VACUUM")
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self.tables.close()
