"""The events of runs that are not published yet, each run's in their order, and their states."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentflow.broker.items import Item
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus

MOST_RUNS = 50  # in one turn
MOST_EVENTS = 100  # of one run in one turn
NOBODY = "{}"
NOT_AT_REST = -1  # as the fence of a cursor


class EventCursor(NamedTuple):
    """As a row of broker_cursors."""

    seq: int = 0
    fence: int = NOT_AT_REST
    state: str = ""


class RunEvents:
    """The event log of each run, then its state where that has changed. `kinds` limits both; empty for all.

    A cursor for each run: in Postgres a number is given before its row can be seen, but those of one run follow each other,
    since its lease lets one write at a time. A run is left alone once it is published and at rest: neither running nor held
    by anybody, with the fence that it had then.
    """

    def __init__(self, store: RunStore, kinds: Sequence[str]) -> None:
        self.store = store
        self.kinds = frozenset(kinds)
        self.last = 0  # rowid: each turn goes on behind the runs of the last one

    def due(self) -> list[Item]:
        rows = self.store.database.execute(
            "SELECT runs.rowid, runs.id, runs.status, runs.message, runs.fence, runs.owner,"
            " coalesce(told.seq, 0), coalesce(told.fence, -1), coalesce(told.state, '')"
            " FROM runs LEFT JOIN broker_cursors AS told ON told.run = runs.id"
            " WHERE runs.rowid > ? AND (told.run IS NULL OR told.fence <> runs.fence OR told.state <> runs.status)"
            " ORDER BY runs.rowid LIMIT ?",
            [self.last, MOST_RUNS],
        ).fetchall()
        self.last = rows[-1][0] if len(rows) == MOST_RUNS else 0
        return [
            item
            for _, run, status, message, fence, owner, *told in rows
            for item in self._of(run, status, message, fence, owner == NOBODY, EventCursor(*told))
        ]

    def _of(self, run: str, status: str, message: str, fence: int, free: bool, told: EventCursor) -> Iterator[Item]:
        rows = self.store.database.execute(
            f"SELECT seq, data FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT {MOST_EVENTS}", [run, told.seq]
        ).fetchall()
        cursor = told
        for seq, data in rows:
            event = json.loads(data)
            cursor = told._replace(seq=seq, fence=NOT_AT_REST)
            wanted = not self.kinds or event["kind"] in self.kinds
            yield Item(run, f"{run}:{seq}", {**event, "run": run, "seq": seq} if wanted else None, cursor)
        if len(rows) == MOST_EVENTS:
            return  # there may be more before the state
        at_rest = free and status != RunStatus.RUNNING
        body = {"kind": "State", "run": run, "state": status, "message": message, "seq": cursor.seq}
        wanted = status != told.state and (not self.kinds or "State" in self.kinds)
        after = EventCursor(cursor.seq, fence if at_rest else NOT_AT_REST, status)
        if after != told:
            yield Item(run, f"{run}:{fence}:{status}", body if wanted else None, after)

    def note(self, items: Sequence[Item]) -> None:
        last = {item.key: item.cursor for item in items}
        self.store.database.executemany(
            "INSERT INTO broker_cursors (run, seq, fence, state) VALUES (?, ?, ?, ?) ON CONFLICT (run) DO UPDATE"
            " SET seq = excluded.seq, fence = excluded.fence, state = excluded.state",
            [(run, *cursor) for run, cursor in last.items()],
        )
