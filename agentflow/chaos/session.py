"""Starts the parts of a plan, brings its faults over them, and ends with the part that is waited for."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from agentflow.chaos.link import FaultyLink
from agentflow.chaos.log import Log
from agentflow.chaos.plan import OF_PROCESSES, Plan, PlannedFault
from agentflow.chaos.process import Process
from agentflow.errors import AgentflowError

READY = 300.0  # seconds until a part that was started must listen


class ChaosSession:
    """Commands are started from `base`."""

    def __init__(self, plan: Plan, base: Path, log: Log) -> None:
        self.plan = plan
        self.base = base
        self.log = log
        self.links = {name: FaultyLink(name, part, log) for name, part in plan.parts.items() if part.listen}
        self.processes: dict[str, Process] = {}
        self.ahead = list(plan.faults)  # those that have not struck

    async def run(self) -> int:
        """The exit code of the part that is waited for; 0 after SIGINT or SIGTERM, without which it goes on for ever where no
        part is waited for. Raises AgentflowError for a part that cannot be started."""
        end = self._end()
        async with AsyncExitStack() as stack:
            for link in self.links.values():
                await stack.enter_async_context(link.listening())
            for name in (name for name, part in self.plan.parts.items() if part.run):
                await self._start(name, stack)
            if self.plan.until:
                self.processes[self.plan.until].ended.add_done_callback(lambda ended: _settle(end, ended.result()))
            storm = asyncio.gather(*map(self._befall, self.plan.faults))
            first: set[asyncio.Future[Any]] = {storm, end}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if storm.done():
                storm.result()
            code = await end
            storm.cancel()
            await asyncio.gather(storm, return_exceptions=True)
            for fault in self.ahead:
                self.log.tell(fault.part, "spared", **_facts(fault))
            return code

    def _end(self) -> asyncio.Future[int]:
        loop = asyncio.get_running_loop()
        end: asyncio.Future[int] = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _settle, end, 0)
        return end

    async def _start(self, name: str, stack: AsyncExitStack) -> None:
        """The next one is started when this one listens."""
        process = self.processes[name] = Process(name, self.plan.parts[name], self.base, self.log)
        stack.push_async_callback(process.close)
        await process.start()
        if name in self.links:
            listens = asyncio.ensure_future(self.links[name].until_answered())
            first: set[asyncio.Future[Any]] = {listens, process.ended}
            await asyncio.wait(first, timeout=READY, return_when=asyncio.FIRST_COMPLETED)
            if listens.cancel():
                raise AgentflowError(
                    f"'{name}' does not listen at {self.plan.parts[name].to}", f"what it said is in {self.log.path}"
                )

    async def _befall(self, fault: PlannedFault) -> None:
        """At a number of pieces, the answer to the last of them does not come before the fault has struck."""
        if isinstance(fault.at, dict):
            [(name, pieces)] = fault.at.items()
            async with self.links[name].holding(pieces):
                await self._strike(fault)
        else:
            await asyncio.sleep(fault.at)
            await self._strike(fault)
        await asyncio.sleep(fault.seconds)
        for part in self._struck(fault):
            await part.relieve(fault)
        self.log.tell(fault.part, "over", do=fault.do)

    async def _strike(self, fault: PlannedFault) -> None:
        self.ahead.remove(fault)
        self.log.tell(fault.part, "fault", **_facts(fault))
        for part in self._struck(fault):
            await part.strike(fault)

    def _struck(self, fault: PlannedFault) -> list[FaultyLink | Process]:
        process = [self.processes[fault.part]] if fault.do in OF_PROCESSES else []
        return [*process, *([self.links[fault.part]] if fault.part in self.links else [])]


def _facts(fault: PlannedFault) -> dict[str, Any]:
    return fault.model_dump(exclude={"part", "at"})


def _settle(end: asyncio.Future[int], code: int) -> None:
    if not end.done():
        end.set_result(code)
