"""One process at a time reads the requests of a project and publishes its events; others stand by."""

import json
from dataclasses import dataclass
from typing import Any

from agentflow.runs.blobs import compact
from agentflow.runs.errors import LeaseLost
from agentflow.runs.leases import is_alive, this_process
from agentflow.runs.store import RunStore

LEASE = 15.0  # seconds without a sign of life after which another takes over
NAME = "relay"


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """`silent` in seconds by the database's clock."""

    owner: dict[str, Any]
    fence: int
    silent: float


@dataclass(frozen=True, slots=True)
class BrokerLease:
    """Held for as long as `beat` is called within `seconds`."""

    store: RunStore
    fence: int
    seconds: float

    def beat(self) -> None:
        """A sign of life, and the proof that it is still held; what is in the database now is then on the disk. Raises
        LeaseLost when another process has taken over."""
        with self.store.turn, self.store.database.lasting(), self.store.write():
            self.check()
            self._set(f"beat = {self.store.database.now}")

    def check(self) -> None:
        """Inside the transaction of a write. Raises LeaseLost."""
        held = holder(self.store)
        if held is None or held.fence != self.fence:
            raise LeaseLost("another process has taken over the broker's work", "it goes on there")

    def release(self) -> None:
        with self.store.write():
            self._set("owner = '{}', beat = 0")

    def _set(self, assignments: str) -> None:
        self.store.database.execute(f"UPDATE broker_lease SET {assignments} WHERE fence = ?", [self.fence])


def take(store: RunStore, seconds: float = LEASE) -> BrokerLease | None:
    """None while another process holds it."""
    if not _is_free(holder(store), seconds):
        return None
    with store.write():
        store.database.one_at_a_time("broker")
        held = holder(store)
        if not _is_free(held, seconds):
            return None
        fence = held.fence + 1 if held else 1
        store.database.execute(
            f"INSERT INTO broker_lease (name, owner, fence, beat) VALUES (?, ?, ?, {store.database.now})"
            " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, fence = excluded.fence, beat = excluded.beat",
            [NAME, compact(this_process()), fence],
        )
    return BrokerLease(store, fence, seconds)


def holder(store: RunStore) -> LeaseHolder | None:
    """None where there never was one."""
    database = store.database
    lock = database.for_update if database.in_transaction else ""
    row = database.execute(
        f"SELECT owner, fence, {database.now} - beat FROM broker_lease WHERE name = ?{lock}", [NAME]
    ).fetchone()
    return LeaseHolder(json.loads(row[0]), row[1], row[2]) if row else None


def _is_free(held: LeaseHolder | None, seconds: float) -> bool:
    return held is None or held.silent > seconds or not is_alive(held)
