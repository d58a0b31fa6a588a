"""Keeps the slots of a worker alive: starts their processes, hears what they tell, starts anew those that died."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from agentflow.child import end
from agentflow.errors import AgentflowError
from agentflow.worker.config import WorkerConfig

SLOT = "agentflow.worker.slot"
PATIENCE = 8.0  # seconds beyond the grace until a slot that does not end is killed
SHORT = 10.0  # seconds; a slot that lived shorter is started again only after a pause
PAUSE = 1.0

Tell = Callable[[dict[str, Any]], None]


class Supervisor:
    """`tell` hears what the slots say: a dict with `said` (ready, claimed, ended, failed, lost, recovered, away, hung, gone) and
    its facts. What standard error brings goes to that of this process."""

    def __init__(self, config: WorkerConfig, slots: int, tell: Tell) -> None:
        self.config = config.model_copy(update={"parent": os.getpid()})
        self.slots = slots
        self.tell = tell
        self.ending = False
        self.broken: AgentflowError | None = None
        self.processes: dict[int, asyncio.subprocess.Process] = {}

    async def run(self) -> None:
        """Until `stop`, or with `until_empty` until the slots have ended by themselves. Raises AgentflowError when no slot
        can work here: the project is gone, its database of a newer version."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.slots):
                group.create_task(self._keep(number))
        if self.broken:
            raise self.broken

    def stop(self) -> None:
        """Drains: no run is claimed any more, those that run may end within the grace. A second call gives them back at
        once."""
        self.ending = True
        for process in self.processes.values():
            _signal(process, signal.SIGTERM)

    async def _keep(self, number: int) -> None:
        while not self.ending:
            started = time.monotonic()
            process = self.processes[number] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", SLOT, self.config.model_dump_json(),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
            if self.ending:  # told while it was started
                _signal(process, signal.SIGTERM)
            await self._hear(process)
            code = await end(process, grace=1.0)
            del self.processes[number]
            if self.ending or (code == 0 and self.config.until_empty):
                return
            self.tell({"said": "gone", "pid": process.pid, "code": code})
            if time.monotonic() - started < SHORT:
                await asyncio.sleep(PAUSE)

    async def _hear(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        killer: asyncio.Task[None] | None = None
        while True:
            reading = asyncio.ensure_future(process.stdout.readline())
            while not reading.done():
                await asyncio.wait([reading], timeout=0.5)
                if self.ending and killer is None:
                    killer = asyncio.create_task(self._kill(process))
            if not (line := reading.result()):
                break
            with contextlib.suppress(ValueError, KeyError, TypeError):  # a library that prints
                self._told(json.loads(line))
        if killer:
            killer.cancel()

    def _told(self, facts: dict[str, Any]) -> None:
        if facts["said"] == "broken":
            self.broken = self.broken or AgentflowError(facts["message"], facts["hint"])
            self.stop()
        else:
            self.tell(facts)

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        await asyncio.sleep(self.config.grace + PATIENCE)
        _signal(process, signal.SIGKILL)


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
