"""One owner per run. A lease names a process; a fence number outlives it, so that a late writer is refused."""

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.runs.blobs import compact
from agentflow.runs.errors import Held, LeaseLost
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from agentflow.storage.database import readable

SILENT = 120.0  # seconds after which an owner on another host counts as dead


@dataclass(frozen=True, slots=True)
class Lease:
    """Every write for the run carries `fence`; a takeover raises it."""

    store: RunStore
    run: str
    fence: int

    def check(self) -> None:
        """Inside the transaction of a write. Raises LeaseLost when another process has taken over."""
        row = self.store.database.conn.execute("SELECT fence FROM runs WHERE id = ?", [self.run]).fetchone()
        if row is None or row[0] != self.fence:
            raise LeaseLost(f"run {self.run} was taken over by another process", f"agentflow runs show {self.run}")

    def beat(self) -> None:
        """Raises AgentflowError when the disk takes no more."""
        self._set("beat = ?", time.time())

    def release(self) -> None:
        """A lease that a full disk keeps from being given back ends with its process."""
        with suppress(AgentflowError):
            self._set("owner = '{}', beat = 0")

    def _set(self, assignments: str, *values: float) -> None:
        with readable(self.store.path):
            self.store.database.conn.execute(
                f"UPDATE runs SET {assignments} WHERE id = ? AND fence = ?", [*values, self.run, self.fence]
            )


def acquire(store: RunStore, run: str) -> Lease:
    """Takes the run, also from a dead owner. Raises Held, naming the holder's pid and host, while one lives."""
    with store.write():
        held = store.load(run)
        if held.owner and is_alive(held.owner, held.beat):
            raise Held(
                f"run {run} is held by process {held.owner['pid']} on {held.owner['host']}",
                f"watch it with `agentflow runs watch {run}`, or stop it with `agentflow runs pause {run}`",
            )
        fence = held.fence + 1
        store.database.conn.execute(
            "UPDATE runs SET fence = ?, owner = ?, beat = ? WHERE id = ?",
            [fence, compact(this_process()), time.time(), run],
        )
    return Lease(store, run, fence)


def this_process() -> dict[str, Any]:
    """A process id is used again: only with its start time and name space does it name one process."""
    import psutil

    return {"pid": os.getpid(), "host": socket.gethostname(), "space": _space(),
            "started": psutil.Process().create_time()}  # fmt: skip


def is_alive(owner: dict[str, Any], beat: float) -> bool:
    import psutil

    if owner["host"] != socket.gethostname() or owner["space"] != _space():
        return time.time() - beat < SILENT  # cannot be looked at from here
    try:
        process = psutil.Process(owner["pid"])
        # create_time is derived from the boot time, which a clock correction may shift by a little
        return abs(process.create_time() - owner["started"]) < 2.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def state_of(run: Run) -> RunStatus:
    """The run's status; `interrupted` when it was running and its owner is gone."""
    if run.status is RunStatus.RUNNING and not (run.owner and is_alive(run.owner, run.beat)):
        return RunStatus.INTERRUPTED
    return run.status


def _space() -> str:
    """The boot and the pid name space, so that containers that share a host name are told apart."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as boot:
            return f"{boot.read().strip()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""
