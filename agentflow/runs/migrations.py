"""The tables of runs. A migration that was released is never edited: add the next one."""

from agentflow.storage.sql import SqlDatabase


def m001_runs(database: SqlDatabase) -> None:
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
        database.execute(statement)


def m002_scope(database: SqlDatabase) -> None:
    """The stored paths of the documents that a run may search, JSON; all of them where none is named."""
    database.execute("ALTER TABLE runs ADD COLUMN scope TEXT NOT NULL DEFAULT '[]'")


def m003_queue(database: SqlDatabase) -> None:
    """A run may wait for a worker. `queued` is when it was put in, 0 for a run that never was; `lease` is for how many
    seconds its worker's sign of life holds, 0 when no worker carries it; `reply` is a person's answer that waits with it."""
    for column in (
        "priority INTEGER NOT NULL DEFAULT 0",
        "not_before REAL NOT NULL DEFAULT 0",
        "queued REAL NOT NULL DEFAULT 0",
        "attempts INTEGER NOT NULL DEFAULT 0",
        "most_attempts INTEGER NOT NULL DEFAULT 0",
        "lease REAL NOT NULL DEFAULT 0",
        "requested_by TEXT NOT NULL DEFAULT ''",
        "reply TEXT NOT NULL DEFAULT 'null'",
    ):
        database.execute(f"ALTER TABLE runs ADD COLUMN {column}")
    database.execute("CREATE INDEX runs_waiting ON runs (priority DESC, queued) WHERE status = 'queued'")
    database.execute("CREATE INDEX runs_leased ON runs (beat) WHERE lease > 0")


def m004_callers(database: SqlDatabase) -> None:
    """`sites` are those that the run may ask, null for all; `trace` is the W3C traceparent that it came with. Each event
    seals the one before it; `head` is the number and seal of the last, empty for runs of earlier versions."""
    for table, column in (
        ("runs", "sites TEXT NOT NULL DEFAULT 'null'"),
        ("runs", "trace TEXT NOT NULL DEFAULT ''"),
        ("runs", "head TEXT NOT NULL DEFAULT ''"),
        ("events", "seal TEXT NOT NULL DEFAULT ''"),
    ):
        database.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


MIGRATIONS = [m001_runs, m002_scope, m003_queue, m004_callers]
