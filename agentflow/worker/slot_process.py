"""The process of a slot as its supervisor sees it, and the one that is started on this machine."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Protocol

from agentflow.child import end
from agentflow.worker.config import WorkerConfig

SLOT = "agentflow.worker.slot"


class SlotProcess(Protocol):
    pid: int

    async def read(self) -> bytes:
        """A line that it tells; empty once it has ended."""

    async def wait(self) -> int:
        """Its exit code. To be called once it has told all; what still runs of it is killed."""

    def end(self) -> None:
        """SIGTERM."""

    def kill(self) -> None: ...


StartSlot = Callable[[WorkerConfig], Awaitable[SlotProcess]]


class LocalSlot:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pid = process.pid

    async def read(self) -> bytes:
        assert self.process.stdout
        try:
            return await self.process.stdout.readline()
        except ValueError:  # longer than any that a slot tells
            return b"\n"

    async def wait(self) -> int:
        return await end(self.process, grace=1.0)

    def end(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)


def command(config: WorkerConfig) -> list[str]:
    """Of a slot that ends with this process."""
    return [sys.executable, "-m", SLOT, config.model_copy(update={"parent": os.getpid()}).model_dump_json()]


async def start_here(config: WorkerConfig) -> LocalSlot:
    return LocalSlot(
        await asyncio.create_subprocess_exec(
            *command(config), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
    )
