"""Who asked a server what, and how much left: a chain in which each row seals the one before it.

The head (number and seal of the last row) is written to a file of its own as well: rows that are cut off at the end leave it
behind. Whoever notes the head elsewhere notices even a chain that was rebuilt as a whole.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from starlette.requests import HTTPConnection

from agentflow.identity.callers import bearer
from agentflow.runs.store import RunStore
from agentflow.storage.files import write_whole
from agentflow.storage.sql import Migration, SqlDatabase

Server = Literal["site", "api"]
COLUMNS = "number, at, caller, operation, asked, outcome, items, bytes"
NOBODY = "unknown"


def m001_audit(database: SqlDatabase, server: Server = "site") -> None:
    database.execute(
        f"""CREATE TABLE {server}_audit (
            number INTEGER PRIMARY KEY, at REAL NOT NULL, caller TEXT NOT NULL, operation TEXT NOT NULL, asked TEXT NOT NULL,
            outcome TEXT NOT NULL, items INTEGER NOT NULL, bytes INTEGER NOT NULL, seal TEXT NOT NULL)"""
    )


def m001_api_audit(database: SqlDatabase) -> None:
    m001_audit(database, "api")


MIGRATIONS: dict[str, list[Migration]] = {"site": [m001_audit], "api_audit": [m001_api_audit]}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """`at` in Unix seconds; `asked` is the SHA-256 of what was asked, empty where it was not read; `outcome` is `answered` or
    why not; `items` (passages, quotes, verdicts) and `bytes` are what left."""

    number: int
    at: float
    caller: str
    operation: str
    asked: str
    outcome: str
    items: int
    bytes: int

    def seal(self, before: str) -> str:
        return hashlib.sha256(f"{before}\n{json.dumps(asdict(self))}".encode()).hexdigest()


class Audit:
    """The log of one server of a project. Safe to be used by several threads."""

    def __init__(self, store: RunStore, state: Path, server: Server) -> None:
        self.store = store
        self.table = f"{server}_audit"
        self.file = state / f"{server}-audit.head"
        self._turn = Lock()
        for component, migrations in MIGRATIONS.items():
            store.database.migrate(component, migrations)

    def write(
        self, caller: str, operation: str, asked: str = "", outcome: str = "answered", items: int = 0, size: int = 0
    ) -> None:
        """`asked` is the text, of which the hash alone is kept."""
        hashed = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest() if asked else ""
        with self._turn:
            self._append(caller, operation, hashed, outcome, items, size)

    def _append(self, caller: str, operation: str, hashed: str, outcome: str, items: int, size: int) -> None:
        """The row first: a head that is behind it is still one of the log."""
        with self.store.write():
            number, before = self._last()
            row = AuditRow(number + 1, time.time(), caller[:200], operation, hashed, outcome, items, size)
            seal = row.seal(before)
            self._execute(
                f"INSERT INTO {self.table} ({COLUMNS}, seal) VALUES ({'?, ' * 8}?)", [*asdict(row).values(), seal]
            )
        write_whole(self.file, f"{row.number} {seal}\n".encode())

    def refused_certificate(self, reason: str) -> None:
        """Such a connection never becomes a request."""
        self.write(NOBODY, "connect", "", f"certificate: {reason}")

    def rows(self) -> Iterator[tuple[AuditRow, str]]:
        """Each with its seal, in order."""
        for *values, seal in self._execute(f"SELECT {COLUMNS}, seal FROM {self.table} ORDER BY number", []).fetchall():
            yield AuditRow(*values), seal

    def head(self) -> str:
        """`12 3fa1...`: what to note elsewhere."""
        number, seal = self._last()
        return f"{number} {seal}".strip()

    def verify(self, noted: str = "") -> list[str]:
        """What is wrong, one sentence each; `noted` is a head that was noted before."""
        heads, before = {"0"}, ""
        for expected, (row, seal) in enumerate(self.rows(), 1):
            if row.number != expected:
                return [f"row {expected} is missing: rows were removed"]
            if row.seal(before) != seal:
                return [f"row {expected} is not what was written: it, or the seal before it, was changed"]
            heads.add(f"{row.number} {seal}")
            before = seal
        if not self.file.exists() and before:
            return ["the head file is missing: whether rows were cut off at the end is not known"]
        told = {"head file": self.file.read_text().strip() if self.file.exists() else "", "head given": noted.strip()}
        return [
            f"the {name} ({head.split()[0]}) is no row of the log: rows were cut off or rebuilt"
            for name, head in told.items()
            if head and head not in heads
        ]

    def _last(self) -> tuple[int, str]:
        found = self._execute(f"SELECT number, seal FROM {self.table} ORDER BY number DESC LIMIT 1", []).fetchone()
        return (int(found[0]), str(found[1])) if found else (0, "")

    def _execute(self, sql: str, values: list[Any]) -> Any:
        return self.store.database.execute(sql, values)


def claimed(request: HTTPConnection) -> str:
    """Of a key that is not accepted, its public part: whose it was is in `agentflow api keys list`."""
    id = bearer(request).split("_")[1:2]
    return f"key {id[0][:8]}" if id and id[0].isalnum() else NOBODY
