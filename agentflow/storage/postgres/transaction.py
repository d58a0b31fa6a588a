"""A transaction that waits for the server only where somebody wants an answer.

Statements are kept until then and travel together in one message, so that it takes as many round trips as it has questions, and
one for its end. Until the first answer nothing is known of it: a server that was away is sent the same again.

One message, and no pipeline of several: a process that is stopped between two of those would keep its locks, since a server
counts a session as idle only between messages.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from agentflow.storage.postgres.connections import Connection
from agentflow.storage.postgres.failures import explained

Connect = Callable[[Callable[[Connection], None]], Connection]


class LateCursor:
    """To read it is to wait for its statement. With `rows` it is one statement for each."""

    def __init__(self, transaction: "Transaction", statement: str, values: Any = (), *, rows: bool = False) -> None:
        self.transaction = transaction
        self.statement = statement
        self.values = values if rows else [values]
        self.count = 0
        self.columns: Any = None
        self.found: Iterator[Any] = iter(())

    def take(self, answers: psycopg.Cursor[Any]) -> None:
        """Its results, one for each of its values, of which `answers` shows the first."""
        self.count = 0
        for _ in self.values:
            self.count += max(0, answers.rowcount)
            self.columns = answers.description
            self.found = iter(answers.fetchall() if answers.description else ())
            answers.nextset()

    @property
    def rowcount(self) -> int:
        self.transaction.require(self)
        return self.count

    @property
    def description(self) -> Any:
        self.transaction.require(self)
        return self.columns

    def fetchone(self) -> Any:
        return next(iter(self), None)

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        self.transaction.require(self)
        return self.found


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

    def require(self, cursor: LateCursor) -> None:
        if cursor in self.waiting:
            self.send()

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
        self.execute("COMMIT", ())
        if farewell:
            self.execute(*farewell)
        self._send(self.connection)
        self.waiting = []

    def _send(self, connection: Connection) -> None:
        writer = psycopg.ClientCursor(connection)
        said = [writer.mogrify(late.statement.encode(), values) for late in self.waiting for values in late.values]
        if not said:
            return
        answers = connection.execute("; ".join(said).encode())
        for late in self.waiting:
            late.take(answers)
