"""SQL over CSV and SQLite files of the project, read-only: nothing is written, attached, loaded or run for long."""

import csv
import io
import os
import sqlite3
import time
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.toolbox import ToolFailed
from agentflow.toolbox.folder import open_beneath

PATHS = ("file",)
LARGEST = 50_000_000  # bytes of a file
MOST_ROWS = 200
SECONDS = 5.0
SQLITE = b"SQLite format 3\0"
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
BARRED = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob"}


class Table(TypedDict):
    columns: list[str]
    rows: list[list[str | int | float | None]]
    more: bool


def table(
    file: Annotated[
        str, Field(min_length=1, max_length=500, description="a .csv, .tsv or SQLite file of the project, relative")
    ],
    sql: Annotated[
        str, Field(min_length=1, max_length=4000, description="one SELECT; a CSV file's table is named data")
    ],
    *,
    context: Context,
) -> Table:
    """Query a CSV or SQLite file of the project with one SQL SELECT; the table of a CSV file is named `data`."""
    with os.fdopen(open_beneath(context.project.root, file), "rb") as opened:
        raw = opened.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ToolFailed(f"{file} is larger than {LARGEST // 1_000_000} MB", "query a smaller file")
    database = sqlite3.connect(":memory:")
    try:
        if raw.startswith(SQLITE):
            database.deserialize(raw)
        else:
            _load_csv(database, raw, file)
        return _select(database, sql)
    except sqlite3.Error as error:
        raise ToolFailed(f"{file}: {error}", f"tables: {_tables(database)}") from None
    finally:
        database.close()


def _select(database: sqlite3.Connection, sql: str) -> Table:
    def authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
        allowed = action in READING and (second or "").lower() not in BARRED
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    deadline = time.monotonic() + SECONDS
    database.set_authorizer(authorize)
    database.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
    cursor = database.execute(sql)
    found = cursor.fetchmany(MOST_ROWS + 1)
    columns = [column[0] for column in cursor.description or ()]
    rows = [[_cell(value) for value in row] for row in found[:MOST_ROWS]]
    return Table(columns=columns, rows=rows, more=len(found) > MOST_ROWS)


def _cell(value: object) -> str | int | float | None:
    return value if isinstance(value, str | int | float) or value is None else f"<{len(bytes(value))} bytes>"  # type: ignore[call-overload]


def _load_csv(database: sqlite3.Connection, raw: bytes, file: str) -> None:
    """Numbers as numbers, so that they can be summed and compared."""
    text = raw.decode("utf-8-sig", "replace")
    delimiter = "\t" if file.endswith(".tsv") else ","
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = next(rows, [])
        names = [name.strip().replace('"', "") or f"column{place}" for place, name in enumerate(header, 1)]
        if not names or len(names) > 500:
            raise ToolFailed(f"{file} has no header line of at most 500 columns", "the first line names the columns")
        quoted = ", ".join(f'"{name}" NUMERIC' for name in names)
        database.execute(f"CREATE TABLE data ({quoted})")
        marks = ", ".join("?" * len(names))
        padded = ((row + [""] * len(names))[: len(names)] for row in rows if row)
        database.executemany(f"INSERT INTO data VALUES ({marks})", ([cell or None for cell in row] for row in padded))
    except csv.Error as error:
        raise ToolFailed(f"{file} is not CSV: {error}", "check its quotes") from None


def _tables(database: sqlite3.Connection) -> str:
    database.set_authorizer(None)
    try:
        return ", ".join(name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
    except sqlite3.Error:
        return "unknown"
