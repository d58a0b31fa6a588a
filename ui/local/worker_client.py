"""The screen's side of the worker: starts it when first needed, pairs answers with jobs, starts it again when it died."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from agentflow.child import end
from agentflow.errors import AgentflowError
from agentflow.events import Event, from_json

WORKER = "agentflow.bundled.ui.local.worker"
LONGEST_LINE = 16 * 2**20  # bytes
GRACE = 3.0  # seconds in which the worker leaves its files and servers in order


class Child:
    def __init__(self, root: Path, log: Path) -> None:
        self.root = root
        self.log = log
        self.process: asyncio.subprocess.Process | None = None
        self.starting = asyncio.Lock()
        self.waiting: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self.reading: asyncio.Task[None] | None = None
        self.jobs = 0
        self.closed = False

    async def ask(self, do: str, **arguments: Any) -> Any:
        """The job's result; its events are left out. Raises AgentflowError."""
        result: Any = None
        async for message in self._messages(do, arguments):
            result = message.get("result")
        return result

    async def watch(self, do: str, **arguments: Any) -> AsyncIterator[Event]:
        """The job's events; ends when it is done. Raises AgentflowError."""
        async for message in self._messages(do, arguments):
            if "event" in message:
                yield from_json(message["event"])

    async def _messages(self, do: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        process = await self._running()
        self.jobs += 1
        number, queue = self.jobs, asyncio.Queue[dict[str, Any]]()
        self.waiting[number] = queue
        try:
            assert process.stdin
            process.stdin.write(json.dumps({"id": number, "do": do, **arguments}).encode() + b"\n")
            await process.stdin.drain()
            while True:
                message = await queue.get()
                if "error" in message:
                    raise AgentflowError(*message["error"])
                yield message
                if "result" in message:
                    return
        except (BrokenPipeError, ConnectionResetError):
            raise self._gone() from None
        finally:
            del self.waiting[number]

    async def _running(self) -> asyncio.subprocess.Process:
        async with self.starting:
            if self.closed:
                raise self._gone()
            if self.process is None or self.process.returncode is not None:
                self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with self.log.open("wb") as log:
                    self.process = await asyncio.create_subprocess_exec(
                        sys.executable, "-m", WORKER, str(self.root), stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE, stderr=log, limit=LONGEST_LINE, start_new_session=True,
                    )  # fmt: skip
                self.reading = asyncio.create_task(self._read(self.process))
            return self.process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        while text := await process.stdout.readline():
            message = json.loads(text)
            if queue := self.waiting.get(message["id"]):
                queue.put_nowait(message)
        await process.wait()
        await end(process)
        gone = self._gone()
        for queue in self.waiting.values():
            queue.put_nowait({"error": [gone.message, gone.hint]})

    def _gone(self) -> AgentflowError:
        return AgentflowError("the worker process has ended", f"try again; what it said last is in {self.log}")

    async def close(self) -> None:
        """The worker's jobs are broken off; what takes longer than GRACE is cut short."""
        self.closed = True
        async with self.starting:  # a start in flight is ended as well
            if self.process is not None and self.reading is not None:
                await end(self.process, GRACE)
                await asyncio.gather(self.reading, return_exceptions=True)
