"""A link to a part: a TCP proxy on loopback that can be slow, silent or cut."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from agentflow.chaos.log import Log
from agentflow.chaos.plan import Part, PlannedFault
from agentflow.errors import AgentflowError

PIECE = 65_536
WORTH_TELLING = 0.1  # seconds that somebody waited for an answer
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class FaultyLink:
    """`sent` counts the pieces that those who ask have sent over it."""

    def __init__(self, name: str, part: Part, log: Log) -> None:
        self.name = name
        self.part = part
        self.log = log
        self.sent = 0
        self.delays: list[float] = []
        self.holds = 0
        self.cuts = 0
        self._marks: list[int] = []  # pieces to which the answer is held back until a fault has struck
        self._refused = False  # told once, until somebody listens again
        self._moved = asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        try:
            server = await asyncio.start_server(self._accept, "127.0.0.1", self.part.listen)
        except OSError as error:
            raise AgentflowError(
                f"the link to '{self.name}' cannot listen on port {self.part.listen} ({error.strerror})",
                "name a free port",
            ) from error
        try:
            yield
        finally:
            server.close()
            await self.break_off()

    @asynccontextmanager
    async def holding(self, pieces: int) -> AsyncIterator[None]:
        """Entered once so many pieces were sent; answers wait until it is left."""
        self._marks.append(pieces)
        while self.sent < pieces:
            await self._moved.wait()
        try:
            yield
        finally:
            self.holds -= 1
            self._stir()

    async def until_answered(self) -> None:
        """Until somebody listens where it leads."""
        while True:
            with suppress(OSError):
                (await self._connect())[1].close()
                return
            await asyncio.sleep(0.05)

    async def strike(self, fault: PlannedFault) -> None:
        """What befalls the process that it leads to befalls what that one has sent but not delivered, too."""
        match fault.do:
            case "delay":
                self.delays.append(fault.by)
            case "drop" | "stop":
                self.holds += 1
            case "cut":
                self.cuts += 1
                await self.break_off()
            case "kill":
                await self.break_off()

    async def relieve(self, fault: PlannedFault) -> None:
        match fault.do:
            case "delay":
                self.delays.remove(fault.by)
            case "drop" | "stop":
                self.holds -= 1
                self._stir()
            case "cut":
                self.cuts -= 1

    async def break_off(self) -> None:
        """Every connection."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        try:
            if not self.cuts:
                answerer = await self._connect()
                self._refused = False
                await self._carry((reader, writer), answerer)
        except ExceptionGroup:  # a side broke off
            self.log.tell(self.name, "broke")
        except OSError:
            if not self._refused:
                self.log.tell(self.name, "refused")
            self._refused = True
        except asyncio.CancelledError:
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _carry(self, asker: Streams, answerer: Streams) -> None:
        asked_at = 0.0

        def asked() -> None:
            nonlocal asked_at
            asked_at = time.monotonic()
            self.sent += 1
            self.holds += self._marks.count(self.sent)
            self._stir()

        def answered() -> None:
            nonlocal asked_at
            if asked_at and (waited := time.monotonic() - asked_at) >= WORTH_TELLING:
                self.log.tell(self.name, "answered", waited=round(waited, 3))
            asked_at = 0.0

        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(asker[0], answerer[1], asked))
                both.create_task(self._pump(answerer[0], asker[1], answered))
        finally:
            if asked_at:
                self.log.tell(self.name, "unanswered", waited=round(time.monotonic() - asked_at, 3))
            answerer[1].transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, passed: Callable[[], None]
    ) -> None:
        while piece := await source.read(PIECE):
            await asyncio.sleep(sum(self.delays))
            while self.holds:
                await self._moved.wait()
            target.write(piece)
            await target.drain()
            passed()
        if target.can_write_eof():
            target.write_eof()

    async def _connect(self) -> Streams:
        to = self.part.to
        if isinstance(to, str) and to.startswith("/"):
            return await asyncio.open_unix_connection(to)
        host, _, port = f"{to}".rpartition(":")
        return await asyncio.open_connection(host or "127.0.0.1", int(port))

    def _stir(self) -> None:
        self._moved.set()
        self._moved.clear()
