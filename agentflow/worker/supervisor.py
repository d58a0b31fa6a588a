"""Keeps the slots of a worker alive: starts their processes, hears what they tell, starts again those that died."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.worker.config import WorkerConfig
from agentflow.worker.slot_process import SlotProcess, StartSlot, start_here

PATIENCE = 8.0  # seconds beyond the grace until a slot that does not end is killed
SHORT = 10.0  # seconds; a slot that lived shorter is started again only after a pause
PAUSE = 1.0

Tell = Callable[[dict[str, Any]], None]


class Supervisor:
    """`tell` hears what the slots say: a dict with `said` (ready, claimed, ended, failed, lost, recovered, away, hung, gone) and
    its facts. What standard error brings goes to that of this process. `start` starts a slot, here or elsewhere."""

    def __init__(self, config: WorkerConfig, slots: int, tell: Tell, start: StartSlot = start_here) -> None:
        self.config = config
        self.slots = slots
        self.tell = tell
        self.start = start
        self.ending = False
        self.broken: AgentflowError | None = None
        self.processes: dict[int, SlotProcess] = {}

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
            process.end()

    async def _keep(self, number: int) -> None:
        while not self.ending:
            started = time.monotonic()
            process = self.processes[number] = await self.start(self.config)
            if self.ending:  # told while it was started
                process.end()
            await self._hear(process)
            code = await process.wait()
            del self.processes[number]
            if self.ending or (code == 0 and self.config.until_empty):
                return
            self.tell({"said": "gone", "pid": process.pid, "code": code})
            if time.monotonic() - started < SHORT:
                await asyncio.sleep(PAUSE)

    async def _hear(self, process: SlotProcess) -> None:
        killer: asyncio.Task[None] | None = None
        while True:
            reading = asyncio.ensure_future(process.read())
            while not reading.done():
                await asyncio.wait([reading], timeout=0.5)
                if self.ending and killer is None:
                    killer = asyncio.create_task(self._kill(process))
            if not (line := reading.result()):
                break
            with contextlib.suppress(ValueError, KeyError, TypeError):  # a library that prints
                self._take_report(json.loads(line))
        if killer:
            killer.cancel()

    def _take_report(self, facts: dict[str, Any]) -> None:
        if facts["said"] == "broken":
            self.broken = self.broken or AgentflowError(facts["message"], facts["hint"])
            self.stop()
        else:
            self.tell(facts)

    async def _kill(self, process: SlotProcess) -> None:
        await asyncio.sleep(self.config.grace + PATIENCE)
        process.kill()
