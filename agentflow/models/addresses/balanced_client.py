"""The client of a model with several addresses: each conversation stays at one, and no failure of one is seen outside."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agentflow.models.addresses.address import Address
from agentflow.models.addresses.fleet import Fleet
from agentflow.models.addresses.flight import faster
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.client import ATTEMPTS, PAUSE, Client, batches, unit_rows
from agentflow.models.client.connection import Connection
from agentflow.models.client.errors import Broken, error_of
from agentflow.models.client.session import session_of
from agentflow.models.client.types import Failure, Message, ModelEvent, Request, Restart

T = TypeVar("T")
OWN_FAULT = ("connection", "timeout", "server", "overloaded")
NOT_OF_THE_REQUEST = (401, 403, 404)
"""Statuses that say something of a server's keys and models: another server is asked."""
ROUNDS = 3
"""How often all are asked when they answer 5xx or nothing: perhaps it is the request after all."""
BROKEN_OFF = 3
"""Servers that may fail in the middle of one answer; then it is perhaps the request that ends them."""


class BalancedClient:
    """Implements ModelClient over a Fleet."""

    def __init__(self, config: ModelConfig, fleet: Fleet) -> None:
        self.config = config
        self.fleet = fleet
        self.failures = 0

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def window(self) -> int:
        """The smallest of those connected; models.yaml's before the first connection."""
        windows = [
            connection.can.window for address in self.fleet.addresses if (connection := address.client.connection)
        ]
        return min(windows, default=self.config.context)

    async def connected(self) -> Connection:
        """To any of them. Raises Unavailable, with all reasons, when none answers."""
        if not (living := await self.fleet.ready()):
            raise self.fleet.error()
        return await living[0].client.connected()

    async def close(self) -> None:
        await self.fleet.close()

    async def release(self, *, wait: bool = False) -> None:
        """Leaves every server; those without other users end."""
        await self.fleet.close()
        await asyncio.gather(*(address.client.release(wait=wait) for address in self.fleet.addresses))

    async def generate(self, request: Request) -> AsyncIterator[ModelEvent]:
        deadline = time.monotonic() + request.deadline
        session = session_of(request)
        last = Broken(Failure("connection", "no address is left to ask"))
        broken_off = 0
        for attempt in range(ATTEMPTS):
            tried: list[Address] = []
            while (address := self.fleet.choose(session, tried)) is not None:
                tried.append(address)
                begun = False
                try:
                    async with aclosing(self._answer(address, request, deadline, session, tried)) as events:
                        async for event in events:
                            if broken_off and not begun:
                                yield Restart()
                            begun = True
                            yield event
                    return
                except Broken as error:
                    last = error
                broken_off += begun
                if not _elsewhere(last) or broken_off == BROKEN_OFF or time.monotonic() >= deadline:
                    self.failures += 1
                    yield last.failure
                    return
            pause = max(self.fleet.rest(), PAUSE * 2**attempt * random.uniform(0.5, 1.5))
            if attempt + 1 >= _rounds(last) or time.monotonic() + pause > deadline:
                break
            await asyncio.sleep(pause)
            with suppress(TimeoutError):
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self.fleet.ready()
        self.failures += 1
        yield Failure(last.failure.kind, self.fleet.reasons(), last.failure.retryable)

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return await self._anywhere(lambda client: client.count_tokens(messages))

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Batches are spread over all addresses."""
        places = asyncio.Semaphore(2 * len(self.fleet.addresses))

        async def rows(batch: list[str]) -> list[list[float]]:
            async with places:
                return await self._anywhere(lambda client: client.embed_batch(batch))

        found = await asyncio.gather(*(rows(batch) for batch in batches(texts)))
        return unit_rows([row for part in found for row in part])

    async def health(self) -> bool:
        checks = [address.client.health() for address in self.fleet.addresses]
        return any(await asyncio.gather(*checks))

    async def stats(self) -> dict[str, float]:
        """Summed over the addresses that answer."""
        total = Counter[str](failures=self.failures)
        for address in await self.fleet.ready():
            total.update(await address.client.stats())
        return dict(total)

    def _answer(
        self, address: Address, request: Request, deadline: float, session: str, tried: list[Address]
    ) -> AsyncGenerator[ModelEvent, None]:
        def other() -> Address | None:
            if (second := self.fleet.choose(session, tried)) is not None:
                tried.append(second)
            return second

        if hedge := self.config.balance.hedge:
            return faster(request, deadline, address, other, hedge)
        return address.answer(request, deadline)

    async def _anywhere(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """What needs no prefix: the address with the fewest calls does it, another one when it fails."""
        last = Failure("connection", self.fleet.reasons())
        for attempt in range(ATTEMPTS):
            tried: list[Address] = []
            await self.connected()
            while (address := self.fleet.least_busy(tried)) is not None:
                tried.append(address)
                try:
                    return await address.call(work)
                except Broken as error:
                    last = error.failure
                    if not _elsewhere(error):
                        raise error_of(last, self.name) from error
            await asyncio.sleep(max(self.fleet.rest(), PAUSE * 2**attempt))
        raise error_of(Failure(last.kind, self.fleet.reasons()), self.name)


def _rounds(error: Broken) -> int:
    """How often all addresses are asked, as the last of them failed."""
    if error.status in NOT_OF_THE_REQUEST:
        return 1
    return ATTEMPTS if error.failure.kind in ("connection", "overloaded") else ROUNDS


def _elsewhere(error: Broken) -> bool:
    """Whether another address may do better: what is wrong with the request is told at once."""
    return error.failure.kind in OWN_FAULT or error.status in NOT_OF_THE_REQUEST
