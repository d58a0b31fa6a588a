"""What the tests ask of several addresses: a dozen runs at once, through proxies that can fail."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from agentflow.events import Event, Note
from agentflow.models.addresses.balanced_client import BalancedClient
from agentflow.models.addresses.drained import Drained
from agentflow.models.addresses.fleet import Fleet
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.completion import complete
from agentflow.models.client.types import Message, Request, Sampling
from agentflow.models.servers.factory import open_servers

from .fault_proxy import FaultProxy
from .servers import KEY, Several

RUNS = 12


class Asked:
    """A client of several addresses, and what a person was told meanwhile. `names` stand for the URLs, so that their hashes
    do not depend on free ports."""

    def __init__(self, urls: list[str], state: Path, names: Sequence[str] = (), **more: Any) -> None:
        entry = {"name": "starter", "backend": "endpoint", "url": urls, "model": "starter", "api_key_env": "TEST_KEY"}
        os.environ["TEST_KEY"] = KEY
        self.told: list[Event] = []
        config = ModelConfig.model_validate({**entry, **more})
        self.drained = Drained(state)
        servers = dict(zip(names or urls, open_servers(config).values(), strict=True))
        self.fleet = Fleet(config, servers, self.drained, self.told.append)
        self.client = BalancedClient(config, self.fleet)

    async def __aenter__(self) -> BalancedClient:
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.release()

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.told if isinstance(event, Note)]

    def at(self, url: str) -> int:
        """Calls that are under way at an address."""
        return next(address.in_flight for address in self.fleet.addresses if address.name == url)


def request(text: str, *, run: str = "", tokens: int = 24, deadline: float = 120, **more: Any) -> Request:
    return Request(
        (Message("user", text),),
        run=run,
        max_tokens=tokens,
        sampling=Sampling(temperature=0.0, seed=0),
        deadline=deadline,
        **more,
    )


def question(number: int, tokens: int = 24) -> Request:
    return request(
        f"Harbour {number} was built in {number * 17}, after the storm. Quote it.", run=f"run {number}", tokens=tokens
    )


async def answers(client: BalancedClient, tokens: int = 24) -> list[str]:
    """One of each run, all at once."""
    requests = [question(number, tokens) for number in range(RUNS)]
    return [answer.text for answer in await asyncio.gather(*(complete(client, one) for one in requests))]


@asynccontextmanager
async def proxied(three: Several) -> AsyncIterator[list[FaultProxy]]:
    async with AsyncExitStack() as stack:
        named = zip(("north", "east", "west"), three.urls, strict=True)
        yield [await stack.enter_async_context(FaultProxy(name, url).listening()) for name, url in named]


@asynccontextmanager
async def behind_proxies(three: Several, state: Path, **more: object) -> AsyncIterator[tuple[Asked, list[FaultProxy]]]:
    async with proxied(three) as proxies:
        asked = Asked([proxy.url for proxy in proxies], state, [proxy.name for proxy in proxies], **more)
        async with asked:
            yield asked, proxies
