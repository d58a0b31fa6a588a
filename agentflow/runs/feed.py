"""The append-only feed of a run: every event but the pieces of streamed text, which the journal holds whole."""

import json
import time
from collections.abc import Iterator
from typing import NamedTuple

from agentflow.events import Event, ModelText, from_json
from agentflow.runs.blobs import compact
from agentflow.runs.catalog import Catalog

FULL = 64  # events held before they are written
STALE = 0.2  # seconds


class Entry(NamedTuple):
    """`seq` orders events across processes, whatever the clocks say."""

    seq: int
    event: Event


class Feed:
    """Writes one run's events: in groups, and always before the next journal row or checkpoint is committed."""

    def __init__(self, catalog: Catalog, run: str) -> None:
        self.catalog = catalog
        self.run = run
        self.waiting: list[str] = []
        self.written = time.monotonic()

    def append(self, event: Event) -> None:
        if isinstance(event, ModelText):
            return
        self.waiting.append(compact(event.to_json()))
        if len(self.waiting) >= FULL or time.monotonic() - self.written > STALE:
            self.flush()

    def flush(self) -> None:
        """Joins the transaction that is open, if any."""
        self.written = time.monotonic()
        if self.waiting:
            rows, self.waiting = [(self.run, data) for data in self.waiting], []
            with self.catalog.write():
                self.catalog.database.conn.executemany("INSERT INTO events (run, data) VALUES (?, ?)", rows)


def read(catalog: Catalog, run: str, *, after: int = 0) -> Iterator[Entry]:
    """The events with a higher number. Kinds that this version does not know are left out."""
    rows = catalog.database.execute(
        "SELECT seq, data FROM events WHERE run = ? AND seq > ? ORDER BY seq", [run, after]
    ).fetchall()
    for seq, data in rows:
        try:
            yield Entry(seq, from_json(json.loads(data)))
        except KeyError:
            continue
