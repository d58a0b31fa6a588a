"""A proxy between a client and one server that delays, cuts, refuses and hangs by a plan."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

CHAT, SESSION = b"/chat/completions", b"x-session-id:"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request. `after` counts pieces of the answer that still pass, `seconds` go before each piece."""

    kind: Literal["pass", "refuse", "status", "hang", "cut"] = "pass"
    status: int = 503
    after: int = 0
    seconds: float = 0.0
    retry_after: str = "0"


PASS = Fault()
Plan = Callable[[], Fault]


REFUSALS = (Fault("refuse"), Fault("status", 429), Fault("status", 503), Fault(seconds=0.01))
FAILURES = (*REFUSALS, Fault("status", 500), Fault("status", 502))
CUTS = (Fault("cut", after=2), Fault("cut", after=5), Fault("cut", after=9))


def seeded(seed: int, share: float, faults: Sequence[Fault]) -> Plan:
    """Faults for a share of the requests, the same ones for the same seed."""
    dice = random.Random(seed)
    return lambda: dice.choice(faults) if dice.random() < share else PASS


class FaultProxy:
    """`plan` is asked for each chat request; everything else passes, unless `hung`. `asked` counts chat requests,
    `sessions` are those they named."""

    def __init__(self, name: str, upstream: str, plan: Plan = lambda: PASS) -> None:
        self.name = name
        self.upstream = urlsplit(upstream)
        self.plan = plan
        self.hung = False
        self.asked = 0
        self.sessions: set[bytes] = set()
        self.url = ""
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["FaultProxy"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield self
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        headers = [line for line in head[1:-2] if not line.lower().startswith(b"connection:")]
        length = next((int(line[15:]) for line in headers if line.lower().startswith(b"content-length:")), 0)
        body = await reader.readexactly(length)
        chat = CHAT in head[0]
        self.asked += chat
        self.sessions |= {line[len(SESSION) :].strip() for line in headers if line.lower().startswith(SESSION)}
        fault = self.plan() if chat else PASS
        if self.hung or fault.kind == "hang":
            await reader.read()  # until the client gives up
        elif fault.kind == "refuse":
            writer.transport.abort()
        elif fault.kind == "status":
            writer.write(_refusal(fault))
        else:
            await self._pass([head[0], *headers, b"Connection: close"], body, writer, fault)

    async def _pass(self, head: list[bytes], body: bytes, writer: asyncio.StreamWriter, fault: Fault) -> None:
        assert self.upstream.hostname and self.upstream.port
        answer, ask = await asyncio.open_connection(self.upstream.hostname, self.upstream.port)
        try:
            ask.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
            pieces = 0
            while piece := await answer.read(65_536):
                await asyncio.sleep(fault.seconds)
                if self.hung:
                    await asyncio.Event().wait()
                if fault.kind == "cut" and pieces >= fault.after:
                    writer.transport.abort()
                    return
                pieces += 1
                writer.write(piece)
                await writer.drain()
        finally:
            ask.close()


def _refusal(fault: Fault) -> bytes:
    status = fault.status
    body = (
        b'{"error": {"message": "by plan", "type": "overloaded"}}' if status in (429, 503) else b'{"error": "by plan"}'
    )
    again = f"Retry-After: {fault.retry_after}\r\n".encode() if status in (429, 503) else b""
    return b"HTTP/1.1 %d Planned\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        status, again, len(body), body,
    )  # fmt: skip
