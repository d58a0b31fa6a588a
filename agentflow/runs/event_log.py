"""The append-only feed of a run: every event but the pieces of streamed text, which the journal holds whole."""

import json
import time
from collections.abc import Callable, Iterator
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
                    texts = [(self.lease.run, text) for text in self.waiting[:events]]
                    store.database.executemany("INSERT INTO events (run, data) VALUES (?, ?)", texts)
                    store.database.tell(self.lease.run)
                yield
            del self.waiting[:events], self.rows[:rows]
            self.written = time.monotonic()


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
