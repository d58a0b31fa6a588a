"""Tables of one database written into another, in the order in which their rows were written."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from agentflow.errors import AgentflowError
from agentflow.storage.sql import SqlDatabase

PAGE = 200  # rows at a time


class Table(NamedTuple):
    """`key` is the column that orders its rows; one that is `counted` keeps its numbers."""

    name: str
    key: str = "rowid"
    counted: bool = False


def copy_table(source: SqlDatabase, target: SqlDatabase, table: Table) -> int:
    """Inside a transaction of `target`; how many rows. Raises AgentflowError when a row that is read again there is not the
    one that was written."""
    names = [name for name in _names(source, table) if name != "rowid"]
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    written, count = hashlib.sha256(), 0
    for page in _pages(source, table, columns):
        target.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", page)
        written.update(_bytes(page))
        count += len(page)
    if table.counted:
        target.count_on(table.name, table.key)
    there = hashlib.sha256()
    for page in _pages(target, table, columns):
        there.update(_bytes(page))
    if there.digest() != written.digest():
        raise AgentflowError(
            f"{table.name} in {target.name} is not what {source.name} holds",
            "nothing was copied; see `agentflow runs verify`",
        )
    return count


def _names(database: SqlDatabase, table: Table) -> list[str]:
    return [column[0] for column in database.execute(f"SELECT * FROM {table.name} LIMIT 0").description or ()]


def _pages(database: SqlDatabase, table: Table, columns: str) -> Iterator[list[tuple[Any, ...]]]:
    last = 0
    while rows := database.execute(
        f"SELECT {table.key}, {columns} FROM {table.name} WHERE {table.key} > ? ORDER BY {table.key} LIMIT {PAGE}",
        [last],
    ).fetchall():
        last = rows[-1][0]
        yield [tuple(row[1:]) for row in rows]


def _bytes(page: list[tuple[Any, ...]]) -> bytes:
    return "\n".join(map(repr, page)).encode("utf-8", "surrogatepass") + b"\n"
