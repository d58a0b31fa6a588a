"""A process of a plan: what it says is logged, and it is stopped, killed and started again."""

import asyncio
import contextlib
import json
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

from agentflow.chaos.log import Log
from agentflow.chaos.plan import Part, PlannedFault
from agentflow.child import end
from agentflow.errors import AgentflowError

GRACE = 30.0  # seconds to end after SIGTERM
LONGEST_LINE = 1 << 20


class Process:
    """`ended` becomes its exit code when it ends by itself."""

    def __init__(self, name: str, part: Part, base: Path, log: Log) -> None:
        self.name = name
        self.part = part
        self.folder = base / part.folder
        self.log = log
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.child: asyncio.subprocess.Process | None = None
        self.killed = False
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        words = shlex.split(self.part.run)
        if words[0] == "agentflow":  # this one, whatever the PATH says
            words = [sys.executable, "-m", "agentflow", *words[1:]]
        try:
            self.child = await asyncio.create_subprocess_exec(
                *words, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT, start_new_session=True, limit=LONGEST_LINE,
            )  # fmt: skip
        except OSError as error:
            raise AgentflowError(
                f"'{self.name}' cannot be started: {words[0]} ({error.strerror})", f"see `run: {self.part.run}`"
            ) from error
        self.killed = False
        self.log.tell(self.name, "started", pid=self.child.pid)
        self._reading = asyncio.create_task(self._hear(self.child))

    async def strike(self, fault: PlannedFault) -> None:
        if self.ended.done():
            return
        if fault.do == "kill":
            self.killed = True
        self._signal(signal.SIGKILL if fault.do == "kill" else signal.SIGSTOP)

    async def relieve(self, fault: PlannedFault) -> None:
        """It goes on, or starts again."""
        if fault.do == "stop":
            self._signal(signal.SIGCONT)
        elif self.killed and self._reading:
            await self._reading
            await self.start()

    async def close(self) -> None:
        if self.child and self.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.child.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.child.wait(), GRACE)
            self._signal(signal.SIGKILL)
        if self._reading:
            await self._reading

    async def _hear(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout
        with contextlib.suppress(ValueError):  # a line without an end
            while line := await child.stdout.readline():
                self.log.tell(self.name, "said", **_facts(line.decode(errors="replace").rstrip()))
        code = await end(child, GRACE)
        self.log.tell(self.name, "ended", code=code)
        if not self.killed and not self.ended.done():
            self.ended.set_result(code)

    def _signal(self, number: signal.Signals) -> None:
        """To it and all that it has started, parents first, so that nobody is started again meanwhile."""
        import psutil

        if self.child is None or self.child.returncode is not None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.child.pid)
            for process in [parent, *parent.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)


def _facts(line: str) -> dict[str, Any]:
    """A JSON object as it is, another line as text."""
    with contextlib.suppress(ValueError):
        if isinstance(facts := json.loads(line), dict):
            return {"facts": facts}
    return {"text": line}
