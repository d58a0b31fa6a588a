"""Is what is stored what was written? Every seal of a run, and the run store's counts, held against the rows.

The head of its events (their number, and the seal of the last) can be noted elsewhere: with it even a run is noticed whose
rows and seals were all rebuilt.
"""

import sqlite3
from collections.abc import Iterator

from agentflow.errors import AgentflowError
from agentflow.runs.blobs import Blobs, digest
from agentflow.runs.calls import SEALED
from agentflow.runs.checkpoints import CHECKPOINT, WRITE
from agentflow.runs.errors import Damaged
from agentflow.runs.event_log import seal_of
from agentflow.runs.serializer import payload
from agentflow.runs.store import RunStore


def verify(store: RunStore, run: str, noted: str = "") -> list[str]:
    """Every fault in a sentence; an empty list when all is whole. `noted` is a head that was noted before."""
    return [*_entry(store, run), *_rows(store, run), *_journal(store, run), *_events(store, run, noted)]


def head_of(store: RunStore, run: str) -> str:
    """`12 3fa1...`; `0` before the first event."""
    row = store.database.execute("SELECT head FROM runs WHERE id = ?", [run]).fetchone()
    return (row[0] if row else "") or "0"


def require_whole(store: RunStore, run: str) -> None:
    """Raises Damaged with the first fault: a damaged run is never taken for a new or a shorter one."""
    if faults := verify(store, run):
        raise Damaged(f"run {run} is damaged: {faults[0]}", f"see `agentflow runs verify {run}`; restore a backup")


def _entry(store: RunStore, run: str) -> Iterator[str]:
    try:
        store.load(run)
    except AgentflowError as error:
        yield error.message


def _rows(store: RunStore, run: str) -> Iterator[str]:
    """Checkpoints and pending writes: their seals, their hashes, and the blobs they need."""
    blobs = Blobs(store.database)
    counted = 0
    for table, columns in (("checkpoints", CHECKPOINT), ("writes", WRITE)):
        names = columns.split(", ")
        kind, value = names.index("type"), names.index("checkpoint" if table == "checkpoints" else "value")
        for sealed, *row in store.database.execute(
            f"SELECT seal, {columns} FROM {table} WHERE thread_id = ?", [run]
        ).fetchall():
            counted += table == "checkpoints"
            if sealed != digest(*row):
                yield f"a row of {table} does not match its seal (checkpoint {row[2]})"
                continue
            try:
                blobs.references(payload(row[kind], row[value]))
            except (Damaged, ValueError) as error:
                yield f"{error} (checkpoint {row[2]})"
    row = store.database.execute("SELECT checkpoints, pruned FROM runs WHERE id = ?", [run]).fetchone()
    if row and row[0] - row[1] != counted:
        yield f"{row[0] - row[1]} checkpoints by the run store, {counted} found"


def _journal(store: RunStore, run: str) -> Iterator[str]:
    """A seal stands for the whole row, so that nothing need be unpacked."""
    counted = 0
    try:
        for key, sealed, *row in store.database.execute(
            f"SELECT key, seal, {SEALED} FROM calls WHERE run = ? ORDER BY rowid", [run]
        ):
            counted += 1
            if sealed != digest(*row):
                yield f"the journal of run {run} does not match its seal in step {row[1]}"
                return
            if not store.database.execute("SELECT 1 FROM calls WHERE key = ?", [key]).fetchone():
                yield f"the journal's index has lost a call ({key[:12]})"
    except sqlite3.OperationalError as error:  # text that is no UTF-8
        yield str(error)
        return
    row = store.database.execute("SELECT calls FROM runs WHERE id = ?", [run]).fetchone()
    if row and row[0] != counted:
        yield f"{row[0]} calls by the run store, {counted} found in the journal"


def _events(store: RunStore, run: str, noted: str) -> Iterator[str]:
    """The chain of its events. Those of earlier versions have no seal and stand before all that have."""
    heads, number, before = {"0"}, 0, ""
    try:
        rows = store.database.execute("SELECT data, seal FROM events WHERE run = ? ORDER BY seq", [run]).fetchall()
    except sqlite3.OperationalError as error:  # text that is no UTF-8
        yield str(error)
        return
    for text, sealed in rows:
        if not sealed and not number:
            continue
        number += 1
        if seal_of(before, text) != sealed:
            yield f"event {number} does not follow from the one before it: it was changed, or events were removed"
            return
        heads.add(f"{number} {sealed}")
        before = sealed
    for name, head in {"the run store's": head_of(store, run), "the given": noted.strip()}.items():
        if head and head not in heads:
            yield f"{name} head ({head.split()[0]}) is no event of the run: events were cut off or rebuilt"
