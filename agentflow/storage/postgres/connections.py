"""Connections to one Postgres database, and what it must be able to promise."""

import logging

import psycopg
from psycopg_pool import ConnectionPool

from agentflow.errors import AgentflowError
from agentflow.storage.postgres.address import parameters
from agentflow.storage.postgres.failures import explained

Connection = psycopg.Connection[tuple[object, ...]]
MOST = 8  # connections of one process
OLDEST = 130000  # version number of the server
# A process that is stopped in the middle of a transaction holds up nobody for longer.
LIMITS = {"lock_timeout": "30s", "idle_in_transaction_session_timeout": "5s"}
SESSION = "; ".join(f"SET {name} = '{value}'" for name, value in LIMITS.items())
LOCAL = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in LIMITS.items())
SETTINGS = (
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
    " current_setting('synchronous_commit'), pg_is_in_recovery()"
)


class Pool(ConnectionPool[Connection]):
    """`shared`: behind a pooler such as PgBouncer, where the next transaction may have another session. Nothing may be left in
    one then: no prepared statement, no setting, no LISTEN."""

    shared = False


def open_pool(url: str, name: str) -> Pool:
    """Raises AgentflowError for a server that cannot be reached now, or that would lose what it has acknowledged."""
    known = parameters(url)
    with explained(name), psycopg.connect(**known, autocommit=True) as first:
        shared = first.execute("SELECT pg_backend_pid()").fetchone() != (first.info.backend_pid,)  # a pooler's own
        _require(name, first)
        for statement in ("BEGIN", LOCAL, "COMMIT") if shared else ():  # does the pooler take transactions?
            first.execute(statement)
    for logger in ("psycopg", "psycopg.pool"):  # what they warn of is raised as StoreFailed
        logging.getLogger(logger).setLevel(logging.ERROR)
    kept = {"prepare_threshold": None} if shared else {}
    pool = Pool(
        "", kwargs={**known, "autocommit": True, **kept}, min_size=1, max_size=MOST, num_workers=1,
        configure=None if shared else _configure, open=True, name="agentflow",
    )  # fmt: skip
    pool.shared = shared
    return pool


def _configure(connection: Connection) -> None:
    connection.execute(SESSION)


def _require(name: str, connection: Connection) -> None:
    row = connection.execute(SETTINGS).fetchone()
    assert row
    version, encoding, commit, standby = row
    if int(str(version)) < OLDEST:
        raise AgentflowError(f"{name} is Postgres {int(str(version)) // 10000}", "agentflow needs Postgres 13 or newer")
    if encoding != "UTF8":
        raise AgentflowError(f"the database of {name} is encoded as {encoding}", "create it with ENCODING 'UTF8'")
    if commit == "off":
        raise AgentflowError(
            f"{name} acknowledges what it has not written (synchronous_commit is off)",
            "ALTER DATABASE ... SET synchronous_commit = on",
        )
    if standby:
        raise AgentflowError(f"{name} is a standby, which takes no writes", "name the primary")
