"""A transaction that waits for the server only where somebody wants an answer.

Statements are kept until then and travel together, so that it takes as many round trips as it has questions, and one for its
end. Until the first answer nothing is known of it: a server that was away is sent the same again.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from agentflow.storage.postgres.connections import Connection
from agentflow.storage.postgres.failures import explained

Connect = Callable[[Callable[[Connection], None]], Connection]


class LateCursor:
    """To read it is to wait for its statement. With `rows` it is one statement for each."""

    def __init__(self, transaction: "Transaction", statement: str, values: Any = None, *, rows: bool = False) -> None:
        self.transaction = transaction
        self.statement = statement.encode()
        self.values = values
        self.rows = rows
        self.cursor: psycopg.Cursor[Any] | None = None

    def send(self, connection: Connection) -> None:
        self.cursor = connection.cursor()
        if self.rows:
            self.cursor.executemany(self.statement, self.values)
        else:
            self.cursor.execute(self.statement, self.values)

    def read(self) -> psycopg.Cursor[Any]:
        if self in self.transaction.waiting:
            self.transaction.send()
        assert self.cursor, "its transaction failed"
        return self.cursor

    @property
    def rowcount(self) -> int:
        return self.read().rowcount

    @property
    def description(self) -> Any:
        return self.read().description

    def fetchone(self) -> Any:
        return self.read().fetchone()

    def fetchall(self) -> list[Any]:
        return self.read().fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.read())


class Transaction:
    """`connect` hands over a connection on which its work was done. `topics` are told once it is committed."""

    def __init__(self, name: str, connect: Connect, first: Sequence[str]) -> None:
        self.name = name
        self.connect = connect
        self.connection: Connection | None = None
        self.waiting = [LateCursor(self, statement) for statement in first]
        self.topics: set[str] = set()
        self.broken = False

    def execute(self, statement: str, values: Any, *, rows: bool = False) -> LateCursor:
        self.waiting.append(LateCursor(self, statement, values, rows=rows))
        return self.waiting[-1]

    def send(self) -> None:
        """What waits is answered. Raises as `explained` does."""
        if self.connection is None:
            self.connection = self.connect(self._send)
        else:
            with explained(self.name):
                self._send(self.connection)
        self.waiting = []

    def end(self, farewell: tuple[str, Sequence[str]] | None) -> None:
        """Commits; `farewell` is a statement, with its values, for behind the commit: inside one, NOTIFY would let all who
        commit wait for each other's disk. Raises psycopg's errors."""
        if self.connection is None:
            self.send()  # a commit must not be under way before its mark is known to be held
        assert self.connection
        commit = self.connection.cursor()
        try:
            with self.connection.pipeline():
                for cursor in self.waiting:
                    cursor.send(self.connection)
                commit.execute("COMMIT", prepare=False)
                if farewell:
                    self.connection.execute(farewell[0].encode(), farewell[1])
        except psycopg.Error:
            if commit.statusmessage != "COMMIT":
                raise
        self.waiting = []

    def _send(self, connection: Connection) -> None:
        with connection.pipeline():
            for cursor in self.waiting:
                cursor.send(connection)
