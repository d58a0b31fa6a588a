"""All sites of a project, asked at once. One that fails costs its own answer and nothing else, and is named."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar

from agentflow.errors import AgentflowError, ConfigError
from agentflow.federation.client import SiteClient, SiteSilent
from agentflow.federation.settings import SiteSettings, load_settings
from agentflow.project import Project

REST = 30.0  # seconds for which a site that did not answer is not asked again
Answer = TypeVar("Answer")


class SiteReply(NamedTuple, Generic[Answer]):
    """What a site answered, or in `trouble` why there is nothing of it; the sentence goes on from its name."""

    site: str
    answer: Answer | None
    trouble: str = ""


class Sites:
    """Of one project. `close` it after use."""

    def __init__(self, settings: Mapping[str, SiteSettings], base: Path) -> None:
        self.clients = {name: SiteClient(name, each, base) for name, each in settings.items()}
        self._resting: dict[str, tuple[float, str]] = {}

    def __bool__(self) -> bool:
        return bool(self.clients)

    def only(self, names: Collection[str] | None) -> "Sites":
        """Those of these names; None for all."""
        if names is None:
            return self
        few = copy(self)
        few.clients = {name: client for name, client in self.clients.items() if name in names}
        return few

    def giving(self, what: Literal["quotes", "claims"]) -> list[SiteClient]:
        return [client for client in self.clients.values() if client.settings.gives == what]

    async def ask(
        self, clients: Sequence[SiteClient], question: Callable[[SiteClient], Awaitable[Answer]]
    ) -> list[SiteReply[Answer]]:
        """One reply a site, in their order, after as long as the most patient wait at most."""
        return list(await asyncio.gather(*(self._one(client, question) for client in clients)))

    async def _one(self, client: SiteClient, question: Callable[[SiteClient], Awaitable[Answer]]) -> SiteReply[Answer]:
        until, trouble = self._resting.get(client.name, (0.0, ""))
        if time.monotonic() < until:
            return SiteReply(client.name, None, trouble)
        try:
            return SiteReply(client.name, await question(client))
        except ConfigError:
            raise
        except SiteSilent as error:
            self._resting[client.name] = (time.monotonic() + REST, error.message)
            return SiteReply(client.name, None, error.message)
        except AgentflowError as error:
            return SiteReply(client.name, None, error.message)

    async def close(self) -> None:
        for client in self.clients.values():
            await client.close()


@asynccontextmanager
async def opened_sites(project: Project) -> AsyncIterator[Sites]:
    """Those of its sites.yaml."""
    sites = Sites(load_settings(project).sites, project.root)
    try:
        yield sites
    finally:
        await sites.close()
