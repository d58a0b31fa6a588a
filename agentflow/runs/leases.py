"""One owner per run. A lease names a process; a fence number outlives it, so that a late writer is refused."""

import os
import socket
from dataclasses import dataclass
from typing import Any, Protocol

from agentflow.errors import StoreFailed
from agentflow.runs.blobs import compact
from agentflow.runs.errors import Held, LeaseLost
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus

SILENT = 120.0  # seconds after which an owner on another host counts as dead
RELEASED: set[tuple[str, str, int]] = set()  # leases of this process that only it knows to be given back


class Owned(Protocol):
    """A run, or anything else that one process holds: `owner` as this_process tells it, empty for none; `silent` in
    seconds."""

    @property
    def owner(self) -> dict[str, Any]: ...

    @property
    def silent(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Lease:
    """Every write for the run carries `fence`; a takeover raises it. `seconds`: for how long a sign of life holds, 0 for
    as long as the process lives (a person's own)."""

    store: RunStore
    run: str
    fence: int
    seconds: float = 0.0

    def check(self) -> None:
        """Inside the transaction of a write. Raises LeaseLost when another process has taken over."""
        database = self.store.database
        row = database.execute("SELECT fence FROM runs WHERE id = ?" + database.for_update, [self.run]).fetchone()
        if row is None or row[0] != self.fence:
            raise self._lost()

    def beat(self) -> None:
        """Raises LeaseLost when another process has taken over, StoreFailed when the database takes no more."""
        if not self._set(f"beat = {self.store.database.now}"):
            raise self._lost()

    def release(self) -> None:
        """Gives the run back. Where the database keeps that from being written, this process remembers it, and for others
        the lease ends with the process."""
        try:
            self._set("owner = '{}', beat = 0")
        except StoreFailed:
            RELEASED.add((self.store.database.name, self.run, self.fence))

    def _set(self, assignments: str) -> bool:
        with self.store.database.explained():
            cursor = self.store.database.execute(
                f"UPDATE runs SET {assignments} WHERE id = ? AND fence = ?", [self.run, self.fence]
            )
        return bool(cursor.rowcount)

    def _lost(self) -> LeaseLost:
        return LeaseLost(f"run {self.run} was taken over by another process", f"agentflow runs show {self.run}")


def acquire(store: RunStore, run: str) -> Lease:
    """Takes the run, also from a dead owner. Raises Held, naming the holder's pid and host, while one lives."""
    with store.write():
        held = store.load(run)
        if (store.database.name, run, held.fence) not in RELEASED and is_alive(held):
            raise Held(
                f"run {run} is held by process {held.owner['pid']} on {held.owner['host']}",
                f"watch it with `agentflow runs watch {run}`, or stop it with `agentflow runs pause {run}`",
            )
        fence = held.fence + 1
        if held.status is RunStatus.QUEUED:  # whoever takes it by hand takes it out of the queue
            store.settle(run, RunStatus.RUNNING, question=held.question)
        store.database.execute(
            f"UPDATE runs SET fence = ?, owner = ?, beat = {store.database.now}, lease = 0, asked = '' WHERE id = ?",
            [fence, compact(this_process()), run],
        )
    return Lease(store, run, fence)


def this_process() -> dict[str, Any]:
    """A process id is used again: only with its start time and name space does it name one process."""
    import psutil

    return {"pid": os.getpid(), "host": socket.gethostname(), "space": _space(),
            "started": psutil.Process().create_time()}  # fmt: skip


def is_alive(held: Owned) -> bool:
    """Whether it has an owner who is still there."""
    import psutil

    if not (owner := held.owner):
        return False
    if owner["host"] != socket.gethostname() or owner["space"] != _space():
        return held.silent < SILENT  # cannot be looked at from here
    try:
        process = psutil.Process(owner["pid"])
        # create_time is derived from the boot time, which a clock correction may shift by a little
        return abs(process.create_time() - owner["started"]) < 2.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def state_of(run: Run) -> RunStatus:
    """The run's status; `interrupted` when it was running and its owner is gone."""
    if run.status is RunStatus.RUNNING and not is_alive(run):
        return RunStatus.INTERRUPTED
    return run.status


def _space() -> str:
    """The boot and the pid name space, so that containers that share a host name are told apart."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as boot:
            return f"{boot.read().strip()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""
