"""What went wrong with a Postgres database, as a person can act on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from agentflow.errors import AgentflowError, StoreFailed

GONE = ("08", "57P")  # SQLSTATE: connections that broke; a server that stops, has crashed or starts
BUSY = ("55P03", "40P01", "40001", "57014")
FULL = "53100"
READ_ONLY = "25006"
NOT_ALLOWED = "42501"


def is_gone(error: psycopg.Error) -> bool:
    """Whether the connection broke or none was to be had. Nothing is said of what was under way on it."""
    state = error.sqlstate
    return isinstance(error, psycopg.OperationalError) and (state is None or state.startswith(GONE))


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raises StoreFailed or AgentflowError in place of psycopg's errors; a statement that is wrong is a bug and stays."""
    try:
        yield
    except psycopg.Error as error:
        if told := explain(name, error):
            raise told from error
        raise


def explain(name: str, error: psycopg.Error) -> AgentflowError | None:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    state = error.sqlstate or ""
    if "statement pooling" in said:
        return AgentflowError(
            f"the pooler before {name} lets no transaction have a connection to itself",
            "set pool_mode = transaction in pgbouncer.ini",
        )
    if "unsupported startup parameter" in said:
        return AgentflowError(
            f"the pooler before {name} takes not all that the URL says ({said})",
            "leave it out of the URL: ALTER ROLE ... SET does the same",
        )
    if is_gone(error):
        return StoreFailed(
            f"cannot reach {name} ({said})",
            "start its server, or check address, user and password; then run the same command again: what is done is kept",
        )
    if state in BUSY:
        return StoreFailed(
            f"{name} is busy: another process holds what is needed", "run the same command again: what is done is kept"
        )
    if state == FULL:
        return StoreFailed(f"no room to write to {name} ({said})", "free some space on its server, then try again")
    if state == READ_ONLY:
        return StoreFailed(
            f"{name} takes no writes ({said})", "name the primary, or add target_session_attrs=read-write"
        )
    if state == NOT_ALLOWED:
        return AgentflowError(f"{name}: {said}", "grant it to the user, or name another user")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreFailed(f"{name} failed ({said})", "see the log of its server")
    return None
