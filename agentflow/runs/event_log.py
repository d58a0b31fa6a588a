"""The append-only feed of a run: every event but the pieces of streamed text, which the journal holds whole."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from agentflow.events import Event, ModelText, from_json
from agentflow.runs.blobs import compact
from agentflow.runs.leases import Lease
from agentflow.runs.store import RunStore

FULL = 64  # events held before they are written
STALE = 0.2  # seconds


class Entry(NamedTuple):
    """`seq` orders events across processes, whatever the clocks say."""

    seq: int
    event: Event


class Feed:
    """The one way to write for a run: fenced by its lease, and with what waits written first.

    Events wait, and so do rows whose loss costs nothing but time: what was read (it is read again) and what a finished
    step wrote (the step is entered again and gets its recorded calls). Nothing that stands on them is committed earlier.
    """

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.waiting: list[str] = []
        self.rows: list[Callable[[], None]] = []
        self.written = time.monotonic()

    def append(self, event: Event) -> None:
        if isinstance(event, ModelText):
            return
        self.waiting.append(compact(event.to_json()))
        if len(self.waiting) >= FULL or time.monotonic() - self.written > STALE:
            self.flush()

    def hold(self, insert: Callable[[], None]) -> None:
        """`insert` is called in the next transaction, after those that came before it."""
        self.rows.append(insert)

    def flush(self) -> None:
        if self.waiting or self.rows:
            with self.write():
                pass

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction. Raises LeaseLost when another process has taken over; what waits then goes on waiting."""
        store = self.lease.store
        with store.turn:
            events, rows = len(self.waiting), len(self.rows)
            with store.write():
                self.lease.check()
                for insert in self.rows[:rows]:
                    insert()
                if events:
                    seal(store, self.lease.run, self.waiting[:events])
                    store.database.tell(self.lease.run)
                yield
            del self.waiting[:events], self.rows[:rows]
            self.written = time.monotonic()


def seal(store: RunStore, run: str, texts: Sequence[str]) -> None:
    """Inside a transaction: events behind the last one, each sealing the one before it. The head stands with the run, so
    that events which are cut off at the end leave it behind."""
    row = store.database.execute("SELECT head FROM runs WHERE id = ?", [run]).fetchone()
    number, before = split(row[0] if row else "")
    rows = []
    for text in texts:
        before = seal_of(before, text)
        rows.append((run, text, before))
    store.database.executemany("INSERT INTO events (run, data, seal) VALUES (?, ?, ?)", rows)
    store.database.execute("UPDATE runs SET head = ? WHERE id = ?", [f"{number + len(rows)} {before}", run])


def seal_of(before: str, text: str) -> str:
    return hashlib.sha256(f"{before}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def split(head: str) -> tuple[int, str]:
    """(how many events, seal of the last); an empty head is that of a run without any."""
    number, _, last = head.partition(" ")
    return int(number or 0), last


def read(store: RunStore, run: str, *, after: int = 0) -> Iterator[Entry]:
    """The events with a higher number. Kinds that this version does not know are left out."""
    rows = store.database.execute(
        "SELECT seq, data FROM events WHERE run = ? AND seq > ? ORDER BY seq", [run, after]
    ).fetchall()
    for seq, data in rows:
        try:
            yield Entry(seq, from_json(json.loads(data)))
        except KeyError:
            continue
