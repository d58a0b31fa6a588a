"""The one way to open the file of truth."""

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from agentflow.errors import AgentflowError
from agentflow.storage.database import _write_header, explain, migrate, open_database, transaction


def m001_notes(db: Database) -> None:
    db.table("notes").create({"id": int, "text": str}, pk="id")


def m002_author(db: Database) -> None:
    db.table("notes").add_column("author", str)


def test_a_new_database_is_private_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "state" / "a.db"
    db = open_database(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert [name for name in os.listdir(path.parent) if name.endswith(".new")] == []


def test_migrations_are_applied_once_and_in_order(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db")
    migrate(db, "notes", [m001_notes])
    db.table("notes").insert({"text": "kept"})
    migrate(db, "notes", [m001_notes, m002_author])
    migrate(db, "notes", [m001_notes, m002_author])
    assert list(db.table("notes").rows) == [{"id": 1, "text": "kept", "author": None}]


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def m002_breaks(db: Database) -> None:
        db.table("half").create({"id": int})
        raise ZeroDivisionError

    db = open_database(tmp_path / "a.db")
    with pytest.raises(ZeroDivisionError):
        migrate(db, "notes", [m001_notes, m002_breaks])
    assert "half" not in db.table_names()


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db")
    migrate(db, "notes", [m001_notes, m002_author])
    with pytest.raises(AgentflowError, match=r"newer agentflow .*m002_author"):
        migrate(db, "notes", [m001_notes])


def test_components_do_not_see_each_other(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db")
    migrate(db, "notes", [m001_notes, m002_author])
    migrate(db, "other", [])
    assert "notes" in db.table_names()


@pytest.mark.parametrize("content", [b"", b"\x00", b"no database at all" * 100], ids=["empty", "one byte", "text"])
def test_a_file_that_is_no_database_is_never_taken_as_new(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(AgentflowError, match=r"empty|damaged"):
        open_database(path)
    assert path.read_bytes() == content


def test_a_truncated_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = open_database(path)
    migrate(db, "notes", [m001_notes])
    db.close()
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(AgentflowError, match="damaged"):
        open_database(path)


def test_damage_that_sqlite_cannot_tell_in_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = open_database(path)
    database.execute("CREATE TABLE things (name TEXT)")
    database.close()
    content = path.read_bytes()
    assert content.count(b"CREATE TABLE things") == 1
    path.write_bytes(content.replace(b"CREATE TABLE things", b"CREATE \xcdABLE things"))
    with pytest.raises(AgentflowError, match="is damaged"):
        open_database(path)


def test_a_missing_database_names_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match="no database") as caught:
        open_database(tmp_path / "a.db", create=False)
    assert "agentflow ingest" in caught.value.hint
    assert not (tmp_path / "a.db").exists()


def test_a_transaction_is_all_or_nothing_and_nests(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db")
    migrate(db, "notes", [m001_notes])
    with transaction(db):
        db.table("notes").insert({"text": "outer"})
        with pytest.raises(KeyError), transaction(db):
            db.table("notes").insert({"text": "inner"})
            raise KeyError
    assert [row["text"] for row in db.table("notes").rows] == ["outer"]


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    problems: list[Exception] = []

    def go() -> None:
        try:
            migrate(open_database(path), "notes", [m001_notes, m002_author])
        except (sqlite3.Error, AgentflowError) as error:
            problems.append(error)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_full_disk_names_the_file_and_the_room_left(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db")
    migrate(db, "notes", [m001_notes])
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError) as caught, transaction(db):
        db.table("notes").insert({"text": "x" * 1_000_000})
    error = explain(tmp_path / "a.db", caught.value)
    assert "no room" in error.message and "MB free" in error.message
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_new_file_is_in_wal_mode_before_anybody_can_open_it(tmp_path: Path) -> None:
    _write_header(tmp_path / "a.db")
    assert (tmp_path / "a.db").read_bytes()[18:20] == b"\x02\x02", "the file format's read and write version: WAL"
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
