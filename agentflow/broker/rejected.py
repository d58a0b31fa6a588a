"""Messages that became no run, each kept with the reason."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from agentflow.broker.items import Item
from agentflow.errors import AgentflowError
from agentflow.runs.run import NAME
from agentflow.runs.store import RunStore

KEPT = 10_000  # messages
LONGEST = 2_000  # bytes of a message
MOST_TOLD = 100  # in one turn


@dataclass(frozen=True, slots=True)
class Rejected:
    """`request` is the id that the message gave, if it gave one; `body` the beginning of its `size` bytes. The same message again
    is counted in `times`; `at` is the last one, in Unix seconds."""

    sha256: str
    at: float
    request: str
    message: str
    hint: str
    body: bytes
    size: int
    times: int

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "body": self.body.decode("utf-8", "replace")}


COLUMNS = ", ".join(item.name for item in fields(Rejected))


def keep(store: RunStore, data: bytes, error: AgentflowError) -> None:
    """The oldest make room where there are too many."""
    database = store.database
    with store.write():
        database.execute(
            f"INSERT INTO broker_rejected ({COLUMNS}, told) VALUES (?, {database.now}, ?, ?, ?, ?, ?, 1, 0)"
            " ON CONFLICT (sha256) DO UPDATE SET at = excluded.at, message = excluded.message, hint = excluded.hint,"
            " times = broker_rejected.times + 1",
            [hashlib.sha256(data).hexdigest(), _request(data), error.message, error.hint, data[:LONGEST], len(data)],
        )
        database.execute(
            "DELETE FROM broker_rejected WHERE sha256 IN"
            " (SELECT sha256 FROM broker_rejected ORDER BY at DESC LIMIT 1000 OFFSET ?)",
            [KEPT],
        )


def rejected(store: RunStore, *, untold: bool = False, limit: int = KEPT) -> list[Rejected]:
    """The oldest first."""
    rows = store.database.execute(
        f"SELECT {COLUMNS} FROM broker_rejected WHERE told < times OR ? ORDER BY at, rowid LIMIT ?",
        [not untold, limit],
    ).fetchall()
    found = [Rejected(*row) for row in rows]
    return [replace(each, body=bytes(each.body)) for each in found]


class RejectedRequests:
    """Those that nobody was told of yet, to be published."""

    def __init__(self, store: RunStore) -> None:
        self.store = store

    def due(self) -> list[Item]:
        return [
            Item("rejected", f"rejected:{each.sha256[:16]}:{each.times}", _event(each), each)
            for each in rejected(self.store, untold=True, limit=MOST_TOLD)
        ]

    def note(self, items: Sequence[Item]) -> None:
        told = "UPDATE broker_rejected SET told = ? WHERE sha256 = ?"
        self.store.database.executemany(told, [(item.cursor.times, item.cursor.sha256) for item in items])


def _event(each: Rejected) -> dict[str, Any]:
    known = each.to_json()
    return {"kind": "RequestRejected", **{name: known[name] for name in ("request", "message", "hint", "at", "sha256")}}


def _request(data: bytes) -> str:
    """The `id` of a message that is wrong in other ways."""
    try:
        value: Any = json.loads(data[: 1 << 20])
    except (ValueError, RecursionError):
        return ""
    id = value.get("id") if isinstance(value, dict) else None
    return id if isinstance(id, str) and re.fullmatch(NAME, id) else ""
