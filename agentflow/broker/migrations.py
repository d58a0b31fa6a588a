"""The tables of the broker. A migration that was released is never edited: add the next one."""

from agentflow.storage.sql import SqlDatabase


def m001_broker(database: SqlDatabase) -> None:
    """`broker_lease` has one row: who is at work. `broker_cursors`: up to which event, and which state, each run was
    published; `fence` is that of a run that was at rest then, -1 for any other. `broker_rejected`: `body` is the beginning of
    a message of `size` bytes, which came `times` times; so many of these were `told`."""
    for statement in (
        """CREATE TABLE broker_lease (
            name TEXT PRIMARY KEY, owner TEXT NOT NULL, fence INTEGER NOT NULL, beat REAL NOT NULL)""",
        """CREATE TABLE broker_cursors (
            run TEXT PRIMARY KEY, seq INTEGER NOT NULL, fence INTEGER NOT NULL, state TEXT NOT NULL)""",
        """CREATE TABLE broker_rejected (
            sha256 TEXT PRIMARY KEY, at REAL NOT NULL, request TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL,
            body BLOB NOT NULL, size INTEGER NOT NULL, times INTEGER NOT NULL, told INTEGER NOT NULL)""",
    ):
        database.execute(statement)


MIGRATIONS = [m001_broker]
