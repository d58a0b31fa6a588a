"""An answer that is on its way from one address, and the faster of two (hedged requests: Dean and Barroso, "The tail at
scale", CACM 56(2), 2013). Only until the first token: who has begun to answer goes on."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from agentflow.models.addresses.address import Address
from agentflow.models.client.errors import Broken
from agentflow.models.client.types import ModelEvent, Request


class Flight:
    """Asks at once; `first` is done when the first event is there, or the attempt has failed."""

    def __init__(self, address: Address, request: Request, deadline: float) -> None:
        self._events = address.answer(request, deadline)
        self.first: asyncio.Task[ModelEvent | None] = asyncio.ensure_future(self._begin())

    async def events(self) -> AsyncGenerator[ModelEvent, None]:
        """Raises Broken."""
        event = await self.first
        if event is not None:
            yield event
            async for event in self._events:
                yield event

    async def close(self) -> None:
        """Gives up what is not finished, which frees the server's slot."""
        self.first.cancel()
        await asyncio.gather(self.first, return_exceptions=True)
        await self._events.aclose()

    async def _begin(self) -> ModelEvent | None:
        return await anext(self._events, None)


async def faster(
    request: Request, deadline: float, address: Address, other: Callable[[], Address | None], after: float
) -> AsyncGenerator[ModelEvent, None]:
    """The answer of `address`; when it has not begun `after` so many seconds, of it or `other()`, whichever begins first.
    Raises Broken when neither does."""
    flights = [Flight(address, request, deadline)]
    try:
        await asyncio.wait({flights[0].first}, timeout=after)
        if not flights[0].first.done() and (second := other()):
            flights.append(Flight(second, request, deadline))
        winner = await _first_to_begin(flights)
        for flight in flights:
            if flight is not winner:
                await flight.close()
        async for event in winner.events():
            yield event
    finally:
        for flight in flights:
            await flight.close()


async def _first_to_begin(flights: list[Flight]) -> Flight:
    """Or the last one to fail, when all do."""
    waiting = list(flights)
    while True:
        await asyncio.wait({flight.first for flight in waiting}, return_when=asyncio.FIRST_COMPLETED)
        for flight in [flight for flight in waiting if flight.first.done()]:
            waiting.remove(flight)
            if not waiting or not isinstance(flight.first.exception(), Broken):
                return flight
