"""The tables of runs. A migration that was released is never edited: add the next one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m001_runs(database: "Database") -> None:
    """`checkpoints` and `writes` are those of langgraph-checkpoint-sqlite with a seal: sha256 over the row."""
    for statement in (
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY, graph TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL,
            inputs TEXT NOT NULL, models TEXT NOT NULL, limits TEXT NOT NULL, parent TEXT NOT NULL DEFAULT '',
            forked_at TEXT NOT NULL DEFAULT '', created REAL NOT NULL,
            status TEXT NOT NULL DEFAULT 'running', message TEXT NOT NULL DEFAULT '', output TEXT NOT NULL DEFAULT '{}',
            question TEXT NOT NULL DEFAULT 'null', ended REAL, seal BLOB,
            spent TEXT NOT NULL DEFAULT '{}', checkpoints INTEGER NOT NULL DEFAULT 0,
            calls INTEGER NOT NULL DEFAULT 0, pruned INTEGER NOT NULL DEFAULT 0, asked TEXT NOT NULL DEFAULT '',
            fence INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '{}', beat REAL NOT NULL DEFAULT 0)""",
        """CREATE TABLE calls (
            key TEXT PRIMARY KEY, run TEXT NOT NULL, step TEXT NOT NULL, nth INTEGER NOT NULL, kind TEXT NOT NULL,
            name TEXT NOT NULL, once INTEGER NOT NULL, request BLOB NOT NULL, state TEXT NOT NULL, result BLOB,
            events BLOB, started REAL NOT NULL, seconds REAL, seal BLOB)""",
        "CREATE INDEX calls_of_run ON calls (run)",
        """CREATE TABLE events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, data TEXT NOT NULL)""",
        "CREATE INDEX events_of_run ON events (run, seq)",
        "CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL)",
        """CREATE TABLE checkpoints (
            thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', checkpoint_id TEXT NOT NULL,
            parent_checkpoint_id TEXT, type TEXT, checkpoint BLOB, metadata BLOB, seal BLOB,
            PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id))""",
        """CREATE TABLE writes (
            thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', checkpoint_id TEXT NOT NULL,
            task_id TEXT NOT NULL, task_path TEXT NOT NULL DEFAULT '', idx INTEGER NOT NULL, channel TEXT NOT NULL,
            type TEXT, value BLOB, seal BLOB,
            PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx))""",
    ):
        database.conn.execute(statement)


def m002_scope(database: "Database") -> None:
    """The stored paths of the documents that a run may search, JSON; all of them where none is named."""
    database.conn.execute("ALTER TABLE runs ADD COLUMN scope TEXT NOT NULL DEFAULT '[]'")


MIGRATIONS = [m001_runs, m002_scope]
