"""What the stores of runs ask of a database: SQL that SQLite and Postgres both understand, and what each says its own way.

Values are marked `?` or `:name`; every table has a `rowid` that grows as rows are written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Values = Sequence[Any] | Mapping[str, Any]
Migration = Callable[[Any], None]  # is given something with `execute(statement)`


class Cursor(Protocol):
    @property
    def rowcount(self) -> int:
        """How many rows a statement has changed."""

    @property
    def description(self) -> Any:
        """One tuple for each column, its name first."""

    def fetchone(self) -> Any:
        """The next row as a tuple, or None."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """The same, one after the other."""


class Listener(Protocol):
    """Of one topic. Polling stays the truth; a listener only says when it is worth while."""

    pause: float  # seconds between two questions to `rung`

    def rung(self) -> bool:
        """Whether to look at the database now: something was told since the last time, or may have been missed."""


class SqlDatabase(Protocol):
    """Each statement outside `transaction` is committed by itself; it must be safe to send again. Threads may share it.

    Raises StoreFailed when the database cannot be read or written, and AgentflowError for what it does not take.
    """

    name: str  # for messages: the file, or the URL without its password
    now: str  # SQL: Unix seconds by the database's clock, by which all hosts compare
    for_update: str  # behind a SELECT in a transaction: nobody else changes the rows before its end
    skip_locked: str  # the same, passing over rows that others hold

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """One statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        """One statement for each row, in a transaction; `rowcount` is of them all."""

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing. Inside another it is part of that one; what failed in it must not be caught and gone on from."""

    def one_at_a_time(self, what: str) -> None:
        """In a transaction: who else asks for `what`, in any process, waits until its end."""

    def only_writer(self, table: str) -> None:
        """In a transaction: nobody else writes to the table before its end."""

    def tell(self, topic: str) -> None:
        """Who listens to `topic`, in any process, looks soon after this is committed."""

    def listen(self, topic: str) -> Listener:
        """For as long as the database is open."""

    def lasting(self) -> AbstractContextManager[None]:
        """What is committed inside outlives a power cut."""

    def explained(self) -> AbstractContextManager[None]:
        """Errors of the database inside are raised as StoreFailed."""

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        """Applies what is not applied yet. Raises AgentflowError for tables of a newer agentflow."""

    def count_on(self, table: str, column: str) -> None:
        """The next number of a column that counts by itself follows the highest there is."""

    def faults(self) -> list[str]:
        """What the database itself finds wrong with what it keeps."""

    def size(self) -> int:
        """Bytes on disk."""

    def shrink(self) -> None:
        """Gives back the space of what was deleted."""

    def close(self) -> None:
        """It is not used after that."""
