"""One of a model's servers: what is asked of it now, and what its answers say of its health."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

import httpx2
import openai

from agentflow.errors import AgentflowError
from agentflow.models.addresses.breaker import Breaker
from agentflow.models.client.client import Client
from agentflow.models.client.errors import Broken
from agentflow.models.client.http_errors import broken
from agentflow.models.client.types import Failure, ModelEvent, Request

T = TypeVar("T")


class Address:
    """`name` as in models.yaml; `tell` gets a line for a person; `silence` are the seconds after which it is asked for a sign
    of life while a call waits, None for never; `reason` says why it failed last, `unavailable` why its
    server could not be reached or started."""

    def __init__(self, name: str, client: Client, tell: Callable[[str], None], silence: float | None) -> None:
        self.name = name
        self.client = client
        self.tell = tell
        self.silence = silence
        self.breaker = Breaker()
        self.in_flight = 0
        self.rests_until = 0.0
        self.reason = ""
        self.unavailable: AgentflowError | None = None

    @property
    def lives(self) -> bool:
        """Whether conversations may be at home here."""
        return self.client.connection is not None and self.breaker.state != "open"

    def free(self, now: float) -> bool:
        """Whether it lives and takes a call now."""
        return self.lives and self.breaker.allows() and now >= self.rests_until

    async def answer(self, request: Request, deadline: float) -> AsyncGenerator[ModelEvent, None]:
        """One attempt. Raises Broken, after judging the address by it."""
        with self._judged():
            async with aclosing(self._watched(self.client.attempt(request, deadline))) as events:
                if (first := await anext(events, None)) is None:
                    return
                self._succeed()  # by its first word alone: what an old stream still says is no news
                yield first
                async for event in events:
                    yield event

    async def call(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """What `work` returns. Raises Broken, after judging the address by it."""
        with self._judged():
            found = await work(self.client)
            self._succeed()
            return found

    async def revive(self) -> bool:
        """Looks for a sign of life, starting its server again where it is ours and died. Whether there is one."""
        try:
            await self.client.reconnected()
        except AgentflowError as error:
            self.unavailable = error
            self.fail(error.message, gone=True)
            return False
        if not await self.client.health():
            self.fail("it gives no sign of life", gone=True)
            return False
        self.breaker.revive()
        return True

    def fail(self, reason: str, *, gone: bool) -> None:
        """`gone`: no connection, or silence; otherwise it answered 5xx."""
        before, self.reason = self.breaker.state, reason
        self.breaker.fail(time.monotonic(), gone=gone)
        if before == "closed" and self.breaker.state == "open":
            self.tell(f"{self.name} is left out: {reason}")

    def _succeed(self) -> None:
        if self.breaker.state != "closed":
            self.tell(f"{self.name} answers again")
        self.breaker.succeed()

    @contextmanager
    def _judged(self) -> Iterator[None]:
        self.in_flight += 1
        trial = self.breaker.enter()
        try:
            yield
        except Broken as error:
            self._judge(error)
            raise
        except httpx2.TransportError as error:
            failed = broken(error)
            self._judge(failed)
            raise failed from error
        except AgentflowError as error:  # its server cannot be started again
            self.fail(error.message, gone=True)
            raise Broken(Failure("connection", error.message, retryable=True)) from error
        finally:
            self.in_flight -= 1
            if trial:
                self.breaker.leave()

    async def _watched(self, events: AsyncGenerator[ModelEvent, None]) -> AsyncGenerator[ModelEvent, None]:
        """The events, as long as there are signs of life between them: a busy server gives them, one that hangs does not."""
        coming = asyncio.ensure_future(_next(events))
        try:
            while True:
                while not (await asyncio.wait({coming}, timeout=self.silence))[0]:
                    if not await self.client.health(self.silence) and not coming.done():
                        raise Broken(Failure("connection", "it fell silent and gives no sign of life", retryable=True))
                if (event := coming.result()) is None:
                    return
                yield event
                coming = asyncio.ensure_future(_next(events))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await events.aclose()

    def _judge(self, error: Broken) -> None:
        kind = error.failure.kind
        self.reason = error.failure.message
        if kind == "connection" or isinstance(error.__cause__, openai.APITimeoutError):  # it did not accept
            self.fail(error.failure.message, gone=True)
        elif kind == "server" or error.status >= 500:
            self.fail(error.failure.message, gone=False)
        elif kind != "timeout":
            self._succeed()
        if kind == "overloaded":
            self.rests_until = time.monotonic() + error.after


async def _next(events: AsyncIterator[ModelEvent]) -> ModelEvent | None:
    return await anext(events, None)
