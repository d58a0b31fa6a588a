"""The table of recorded calls: one sealed row for each model, tool and read call of a run."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentflow.runs.blobs import digest, to_bytes, to_text
from agentflow.runs.errors import Damaged
from agentflow.runs.store import RunStore

SEALED = "run, step, nth, kind, name, once, request, state, result, events"


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call. `state`: intent (outcome unknown), done, or failed (the tool said no; `result` is how)."""

    run: str
    step: str
    nth: int
    kind: str
    name: str
    once: bool
    request: dict[str, Any]
    state: str
    result: dict[str, Any] | None
    events: list[dict[str, Any]] = field(default_factory=list)
    started: float = 0.0
    seconds: float | None = None


def insert(store: RunStore, row: dict[str, Any]) -> None:
    """Inside a transaction, as `drop`."""
    cursor = store.database.execute(
        f"INSERT INTO calls ({', '.join(row)}, seal) VALUES ({'?, ' * len(row)}?) ON CONFLICT DO NOTHING",
        [*row.values(), seal_of(row)],
    )
    store.database.execute("UPDATE runs SET calls = calls + ? WHERE id = ?", [cursor.rowcount, row["run"]])


def drop(store: RunStore, run: str, keys: Sequence[str]) -> None:
    cursor = store.database.executemany("DELETE FROM calls WHERE key = ?", [(key,) for key in keys])
    store.database.execute("UPDATE runs SET calls = calls - ? WHERE id = ?", [cursor.rowcount, run])


def forget_failures(store: RunStore, run: str) -> None:
    """Before a failed run is tried again: what failed may be asked once more."""
    with store.write():
        cursor = store.database.execute("DELETE FROM calls WHERE run = ? AND state = 'failed'", [run])
        store.database.execute("UPDATE runs SET calls = calls - ? WHERE id = ?", [cursor.rowcount, run])


def seal_of(row: dict[str, Any]) -> bytes:
    return digest(*(row[name] for name in SEALED.split(", ")))


def seal(store: RunStore, key: str) -> None:
    row = store.database.execute(f"SELECT {SEALED} FROM calls WHERE key = ?", [key]).fetchone()
    store.database.execute("UPDATE calls SET seal = ? WHERE key = ?", [digest(*row), key])


def calls(store: RunStore, run: str, step: str = "", *, kind: str = "") -> Iterator[Call]:
    """The recorded calls of a run (of one step, of one kind), in the order in which they were made. Raises Damaged."""
    rows = store.database.execute(
        f"SELECT seal, started, seconds, {SEALED} FROM calls"
        " WHERE run = :run AND :step IN ('', step) AND :kind IN ('', kind) ORDER BY rowid",
        {"run": run, "step": step, "kind": kind},
    ).fetchall()
    return (_call(row) for row in rows)


def load(store: RunStore, key: str) -> Call | None:
    row = store.database.execute(f"SELECT seal, started, seconds, {SEALED} FROM calls WHERE key = ?", [key]).fetchone()
    return _call(row) if row else None


def key_of(run: str, step: str, hashed: str, nth: int) -> str:
    return digest(run, step, hashed, nth).hex()


def squeeze(text: str) -> bytes:
    """Prompts repeat themselves: level 1 already takes four fifths of them away."""
    return zlib.compress(to_bytes(text), 1)


def _call(row: tuple[Any, ...]) -> Call:
    seal, started, seconds, *sealed = row
    if seal != digest(*sealed):
        raise Damaged(
            f"the journal of run {sealed[0]} does not match its seal in step {sealed[1]}", "see `runs verify`"
        )
    run, step, nth, kind, name, once, request, state, result, events = sealed
    return Call(run, step, nth, kind, name, bool(once), _stretch(request), state,
                _stretch(result) if result is not None else None, _stretch(events) if events is not None else [],
                started, seconds)  # fmt: skip


def _stretch(data: bytes) -> Any:
    return json.loads(to_text(zlib.decompress(data)))
