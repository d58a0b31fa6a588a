"""One SQLite file of truth, opened the same way by every part: WAL, a busy timeout, private modes, named migrations."""

import os
import secrets
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow.errors import AgentflowError, StoreFailed, unwritable
from agentflow.storage.sql import Migration

if TYPE_CHECKING:
    from sqlite_utils import Database

BUSY_SECONDS = 30.0
SMALLEST_PAGE = 512  # bytes; every SQLite file has at least one page


def open_database(path: Path, *, create: bool = True) -> "Database":
    """Opens (and with `create` makes) the file, mode 0600 in a folder of mode 0700.

    The connection commits each statement by itself outside `transaction` and may pass between threads, which take
    turns. Raises AgentflowError for a missing, empty, foreign or damaged file: none of them is silently taken as new.
    """
    Database = _tables()
    with writable(path):
        fresh = not path.exists()
    if fresh and not create:
        raise AgentflowError(f"no database {path}", "run `agentflow ingest PATH` first, or name the project's folder")
    if not fresh and not _begins_as_database(path):
        raise AgentflowError(
            f"the database {path} is empty or damaged: it was cut off or made by something else",
            "restore it from a backup, or move it away to start again",
        )
    if fresh:
        with writable(path), readable(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_header(path)
    with readable(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = wal")
            connection.execute("PRAGMA synchronous = normal")
            connection.execute("PRAGMA foreign_keys = on")
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.Error:
            connection.close()
            raise
    return Database(connection, execute_plugins=False)


def _tables() -> "type[Database]":
    """sqlite-utils without pandas: where it is installed, it would be loaded for types that no row here has, for a third
    of a second at every start. None in `sys.modules` is a module that cannot be found."""
    if "sqlite_utils" in sys.modules or "pandas" in sys.modules:
        from sqlite_utils import Database

        return Database
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        from sqlite_utils import Database
    finally:
        sys.modules.pop("pandas", None)
    return Database


def _begins_as_database(path: Path) -> bool:
    """SQLite itself takes a file of no or one byte as a new database, and refuses any other foreign one.

    Looks at the size alone. To open and close the file beside SQLite would drop the POSIX locks that this process holds
    on it (sqlite.org/howtocorrupt.html, 2.2): another process would take the database for unused and delete its log.
    """
    try:
        return path.stat().st_size >= SMALLEST_PAGE
    except OSError as error:
        raise AgentflowError(
            f"cannot read {path} ({error.strerror})", "check the owner and mode of the file"
        ) from error


def _write_header(path: Path) -> None:
    """Makes the file under a temporary name, so that a killed process leaves no empty database behind. It is in WAL mode
    from the start: of several that switch to it at once SQLite refuses some without letting them wait."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    fresh.touch(mode=0o600)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA user_version = 1")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first; both made the same header
    finally:
        fresh.unlink()


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Names the file, and what to do, when SQLite cannot read or write it."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise explain(path, error) from error
    except UnicodeDecodeError as error:  # text of the file, or SQLite's message that quotes it, is no UTF-8 any more
        raise damaged(path, "text in it is no UTF-8") from error


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Names the file, and what to do, when the system does not let it be made or written."""
    try:
        yield
    except OSError as error:
        if told := unwritable(error, path):
            raise told from error
        raise


def explain(path: Path, error: sqlite3.DatabaseError) -> AgentflowError:
    """SQLite's error as one that a person can act on."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            stat = os.statvfs(path.parent)
            return StoreFailed(
                f"no room to write {path}: {stat.f_bavail * stat.f_frsize / 1e6:.1f} MB free",
                "free some space and run the same command again: what is done is kept",
            )
        case sqlite3.SQLITE_IOERR:
            stat = os.statvfs(path.parent)
            return StoreFailed(
                f"cannot write {path} ({error}): {stat.f_bavail * stat.f_frsize / 1e6:.1f} MB free",
                "check the disk, quotas and `ulimit -f`, then run the same command again: what is done is kept",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreFailed(
                f"{path} is busy: another process has written to it for {BUSY_SECONDS:.0f} s",
                "wait for it to end and run the same command again",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreFailed(f"cannot write to {path} ({error})", "check the owner and mode of the file and folder")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, str(error))
        case _:
            return StoreFailed(f"SQLite failed on {path}: {error}", "see `agentflow corpus verify`")


def damaged(path: Path, why: str) -> AgentflowError:
    return AgentflowError(
        f"the database {path} is damaged ({why})", "restore it from a backup, or move it away to start again"
    )


@contextmanager
def transaction(db: "Database") -> Iterator[None]:
    """All or nothing. Takes the write lock at once: a later upgrade could fail without waiting its turn."""
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def migrate(db: "Database", component: str, migrations: Sequence[Migration]) -> None:
    """Applies what is not applied yet, in order, each with its record in one transaction.

    Every component (corpus, runs, ...) has its own list of functions `m001_...`. Raises AgentflowError when the file
    knows a migration that this version does not: an older program must not write to it.
    """
    from sqlite_utils import Migrations

    steps = Migrations(component)
    for function in migrations:
        steps()(function)
    known = {function.__name__ for function in migrations}
    try:
        applied = [step.name for step in steps.applied(db)]
    except KeyError as error:  # a column's name in the schema is damaged
        raise AgentflowError(
            f"the database's list of migrations has no {error}: it is damaged",
            "restore it from a backup, or move it away to start again",
        ) from error
    if newer := [name for name in applied if name not in known]:
        raise AgentflowError(
            f"the database was written by a newer agentflow ({component}: {', '.join(newer)})",
            "upgrade agentflow, or use another project folder",
        )
    if steps.pending(db):
        if applied:
            _backup(db, component)
        with transaction(db):  # a second process waits here, then finds nothing pending
            steps.apply(db)


def _backup(db: "Database", component: str) -> None:
    """A copy beside the file, before its tables are changed; an earlier copy of the same step is replaced."""
    path = next((Path(file) for _, name, file in db.conn.execute("PRAGMA database_list") if name == "main"), Path())
    copy = path.with_name(f"{path.name}.before-{component}-migration")
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(copy)) as target:
        db.conn.backup(target)
