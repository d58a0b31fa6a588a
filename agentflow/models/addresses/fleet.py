"""The servers of one model: which of them live, who gets the next call, and when one that failed is looked at again."""

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Note, Sink
from agentflow.models.addresses.address import Address
from agentflow.models.addresses.drained import Drained
from agentflow.models.addresses.hashing import rank
from agentflow.models.addresses.homes import Homes
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.client import Client
from agentflow.models.servers.server import Server

OTHERS = 10.0
"""Seconds that the first call waits, once one server is ready, for the others to be."""


class Fleet:
    """`servers` by address, in the order of models.yaml."""

    def __init__(self, config: ModelConfig, servers: Mapping[str, Server], drained: Drained, sink: Sink) -> None:
        def tell(text: str) -> None:
            sink(Note(text=f"'{config.name}': {text}", level="warning"))

        self.name = config.name
        silence = (config.balance.silence or None) if len(servers) > 1 else None  # alone, it is waited for
        self.addresses = [Address(name, Client(config, server), tell, silence) for name, server in servers.items()]
        self.drained = drained
        self.homes = Homes(config.balance.max_load)
        self._opening: asyncio.Task[None] | None = None
        self._looking: dict[Address, asyncio.Task[object]] = {}

    def in_use(self) -> list[Address]:
        """Those not drained. What runs on a drained one ends there; then it is left."""
        out = self.drained.of(self.name)
        for address in self.addresses:
            idle = not address.in_flight and address not in self._looking
            if address.name in out and idle and address.client.connection is not None:
                self._background(address, address.client.release())
        return [address for address in self.addresses if address.name not in out]

    def choose(self, session: str, tried: Sequence[Address] = ()) -> Address | None:
        """Who gets the next call of a session: its home if it is free, else the next in its rank that was not tried. None
        when no other is free. Begins to look at those that failed a while ago."""
        now, used = time.monotonic(), self.in_use()
        for address in used:
            unconnected = address.client.connection is None and address.breaker.state != "open"
            if unconnected or address.breaker.due(now):
                self._look_at(address)
        living = {address.name: address for address in used if address.lives}
        free = [name for name, address in living.items() if address not in tried and address.free(now)]
        if not free:
            return None
        home = self.homes.home(session, list(living))
        return living[home if home in free else rank(session, free)[0]]

    def least_busy(self, tried: Sequence[Address] = ()) -> Address | None:
        """The free one with the fewest calls of ours."""
        now = time.monotonic()
        free = [address for address in self._living() if address not in tried and address.free(now)]
        return min(free, key=lambda address: address.in_flight, default=None)

    async def ready(self) -> list[Address]:
        """Those that live; starts all at the first call, and looks at all again when none lives."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
            await asyncio.shield(self._opening)
            return self._living()
        await asyncio.shield(self._opening)
        return self._living() or await self.wake()

    async def wake(self) -> list[Address]:
        """Looks at all in use now, and waits until one lives or none does."""
        waiting = {self._look_at(address) for address in self.in_use()}
        while waiting and not self._living():
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return self._living()

    def rest(self) -> float:
        """Seconds until the first of those that live takes calls again, as their Retry-After said."""
        now = time.monotonic()
        return max(0.0, min((address.rests_until - now for address in self._living()), default=0.0))

    def error(self) -> AgentflowError:
        """What to raise when none can be reached: of a single address its own error."""
        if len(self.addresses) == 1 and self.addresses[0].unavailable:
            return self.addresses[0].unavailable
        hint = f"see `agentflow models status {self.name}`"
        return Unavailable(f"'{self.name}' cannot be reached: {self.reasons()}", hint)

    def reasons(self) -> str:
        """Why none answers."""
        if len(self.addresses) == 1:
            return self.addresses[0].reason or "no answer"
        out = self.drained.of(self.name)
        told = [f"{one.name} ({'drained' if one.name in out else one.reason or 'no answer'})" for one in self.addresses]
        return f"none of its {len(told)} addresses answers: {'; '.join(told)}"

    async def close(self) -> None:
        """Closes the connections; the servers stay."""
        tasks = [*self._looking.values(), *([self._opening] if self._opening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._opening = None
        for address in self.addresses:
            await address.client.close()

    async def _open(self) -> None:
        await self.wake()
        if waiting := set(self._looking.values()):
            await asyncio.wait(waiting, timeout=OTHERS)

    def _living(self) -> list[Address]:
        return [address for address in self.in_use() if address.lives]

    def _look_at(self, address: Address) -> "asyncio.Task[object]":
        return self._looking.get(address) or self._background(address, address.revive())

    def _background(self, address: Address, work: Coroutine[object, object, object]) -> "asyncio.Task[object]":
        """One thing at a time for each address."""
        task = asyncio.ensure_future(work)
        self._looking[address] = task
        task.add_done_callback(lambda _: self._looking.pop(address, None))
        return task
