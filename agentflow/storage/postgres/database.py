"""The stores of runs in a Postgres database.

Rows are locked where SQLite locks the file. A statement outside a transaction is sent again when the server was away; in a
transaction nothing is, so that nothing is written twice. Whether a commit that got no answer took effect is asked of the
database itself: each transaction leaves its mark in `agentflow_writers`.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, TypeVar

import psycopg

from agentflow.errors import AgentflowError
from agentflow.storage.postgres.address import parameters, shown
from agentflow.storage.postgres.bell import CHANNEL, Bell, BellListener
from agentflow.storage.postgres.connections import LOCAL, Connection, open_pool
from agentflow.storage.postgres.dialect import storable, translated
from agentflow.storage.postgres.failures import explain, explained, is_gone
from agentflow.storage.postgres.transaction import Transaction
from agentflow.storage.sql import Cursor, Migration, Values

WAIT = 15.0  # seconds for which a server that is away is waited for
IN_DOUBT = 600.0  # seconds: what a commit came to must be known before anything else is written
PAUSE = 0.1
FORGOTTEN = 86400.0  # seconds after which the marks of a killed process are dropped
CLOCK = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
OWN_TABLES = """
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('agentflow tables', 0));
    CREATE TABLE IF NOT EXISTS agentflow_migrations (
        component TEXT NOT NULL, name TEXT NOT NULL, applied TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (component, name));
    CREATE TABLE IF NOT EXISTS agentflow_writers (id TEXT PRIMARY KEY, mark TEXT NOT NULL, at DOUBLE PRECISION NOT NULL);
    COMMIT"""
MARK = (
    f"INSERT INTO agentflow_writers (id, mark, at) VALUES ('{{writer}}', '{{mark}}', {CLOCK})"
    " ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, at = excluded.at"
)
LAST_MARK = (
    MARK.replace("SET mark = excluded.mark, ", "SET ") + " RETURNING mark"
)  # waits for a commit that is under way
UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
Value = TypeVar("Value")


class PostgresDatabase:
    """Threads share a pool of connections; a transaction has one to itself."""

    now = CLOCK
    for_update = " FOR UPDATE"
    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str) -> None:
        self.name = shown(url)
        self.pool = open_pool(url, self.name)
        self.writer = secrets.token_hex(8)
        self.mine = threading.local()
        self.first = (LOCAL,) if self.pool.shared else ()
        self.bell = Bell(parameters(url), deaf=self.pool.shared)
        if self.execute("SELECT to_regclass('agentflow_writers')").fetchone() == (None,):
            with explained(self.name), self.pool.connection() as connection:
                connection.execute(OWN_TABLES)
        self.execute(f"DELETE FROM agentflow_writers WHERE at < {CLOCK} - ?", [FORGOTTEN])

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        statement, given = translated(sql), storable(values)
        if held := self._held:
            return held.execute(statement, given)
        return self._patiently(lambda connection: self._alone(connection, statement, given))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        assert self._held, "several rows are written in a transaction"
        return self._held.execute(translated(sql), [storable(row) for row in rows], rows=True)

    @property
    def in_transaction(self) -> bool:
        return self._held is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if held := self._held:  # part of the one that it is in, which cannot be committed without it
            try:
                yield
            except BaseException:
                held.broken = True
                raise
            return
        writer, mark = f"{self.writer}-{threading.get_ident()}", secrets.token_hex(8)
        first = ("BEGIN", *self.first, MARK.format(writer=writer, mark=mark))  # its row is held to the end
        current = self.mine.transaction = Transaction(self.name, lambda work: self._connected(work)[0], first)
        try:
            yield
            self._commit(current, writer, mark)
        except BaseException:
            with suppress(psycopg.Error):
                if current.connection:
                    current.connection.rollback()
            raise
        finally:
            self.mine.transaction = None
            if current.connection:
                self.pool.putconn(current.connection)

    def one_at_a_time(self, what: str) -> None:
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", [f"agentflow {what}"])

    def only_writer(self, table: str) -> None:
        self.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

    def tell(self, topic: str) -> None:
        if held := self._held:
            held.topics.add(topic)
        else:
            self._patiently(lambda connection: connection.execute(*_notify({topic})))

    def listen(self, topic: str) -> BellListener:
        return self.bell.listen(topic)

    def lasting(self) -> AbstractContextManager[None]:
        return nullcontext()  # every commit does

    def explained(self) -> AbstractContextManager[None]:
        return explained(self.name)

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        if not self._pending(component, migrations):
            return
        with self.transaction():
            self.one_at_a_time("tables")
            for migration in self._pending(component, migrations):
                migration(self)
                self.execute(
                    "INSERT INTO agentflow_migrations (component, name) VALUES (?, ?)", [component, migration.__name__]
                )

    def count_on(self, table: str, column: str) -> None:
        highest = f"SELECT coalesce(max({column}), 0) + 1 FROM {table}"
        self.execute(f"SELECT setval(pg_get_serial_sequence(?, ?), ({highest}), false)", [table, column])

    def faults(self) -> list[str]:
        found = {name: self.execute("SELECT current_setting(?)", [name]).fetchone()[0] for name in UNSAFE}
        return [f"its server runs with {name} = {value}" for name, value in found.items() if value == UNSAFE[name]]

    def size(self) -> int:
        return int(self.execute("SELECT pg_database_size(current_database())").fetchone()[0])

    def shrink(self) -> None:
        self._patiently(lambda connection: connection.execute("VACUUM"))

    def close(self) -> None:
        self.bell.close()
        with suppress(AgentflowError, psycopg.Error):
            self.execute("DELETE FROM agentflow_writers WHERE id LIKE ?", [f"{self.writer}%"])
        self.pool.close()

    @property
    def _held(self) -> Transaction | None:
        return getattr(self.mine, "transaction", None)

    def _pending(self, component: str, migrations: Sequence[Migration]) -> list[Migration]:
        rows = self.execute("SELECT name FROM agentflow_migrations WHERE component = ?", [component]).fetchall()
        applied = {name for (name,) in rows}
        if newer := sorted(applied - {migration.__name__ for migration in migrations}):
            raise AgentflowError(
                f"{self.name} was written by a newer agentflow ({component}: {', '.join(newer)})",
                "upgrade agentflow, or name another database",
            )
        return [migration for migration in migrations if migration.__name__ not in applied]

    def _commit(self, current: Transaction, writer: str, mark: str) -> None:
        if current.broken:
            raise AgentflowError("a part of what was to be written failed", "this is a bug: nothing of it was written")
        try:
            current.end(_notify(current.topics) if current.topics else None)
        except psycopg.Error as error:
            self.mine.transaction = None
            ask = LAST_MARK.format(writer=writer, mark="").encode()
            unsure = is_gone(error) or (current.connection and not current.connection.info.transaction_status)
            if not unsure or self._patiently(lambda other: other.execute(ask).fetchone(), IN_DOUBT) != (mark,):
                raise (explain(self.name, error) or error) from error

    def _alone(self, connection: Connection, statement: str, values: Values) -> Cursor:
        if not self.first:
            return connection.execute(statement, values)
        said = psycopg.ClientCursor(connection).mogrify(statement.encode(), values)
        cursor = connection.execute("; ".join([*self.first, said]).encode())  # one message is one transaction
        for _ in self.first:
            cursor.nextset()
        return cursor

    def _patiently(self, work: Callable[[Connection], Value], wait: float = WAIT) -> Value:
        connection, value = self._connected(work, wait)
        self.pool.putconn(connection)
        return value

    def _connected(self, work: Callable[[Connection], Value], wait: float = WAIT) -> tuple[Connection, Value]:
        """`work` on a connection, which is the caller's then; again on another as long as the server is away."""
        end = time.monotonic() + wait
        while True:
            connection: Connection | None = None
            try:
                with explained(self.name):
                    connection = self.pool.getconn(timeout=max(1.0, end - time.monotonic()))
                    return connection, work(connection)
            except BaseException as error:
                if connection is not None:
                    self.pool.putconn(connection)
                cause = error.__cause__
                if not isinstance(cause, psycopg.Error) or not is_gone(cause) or time.monotonic() > end:
                    raise
            time.sleep(PAUSE)


def _notify(topics: set[str]) -> tuple[str, list[str]]:
    calls = ", ".join(["pg_notify(%s, %s)"] * len(topics))
    return f"SELECT {calls}", [part for topic in sorted(topics) for part in (CHANNEL, topic)]
