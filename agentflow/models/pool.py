"""The models of one project, by role: servers start when first asked, are shared, and stop at the end."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agentflow.events import Note, Sink, ignore
from agentflow.models.catalog.catalog import Cluster, ModelCatalog
from agentflow.models.catalog.model_config import THINKER, ModelConfig
from agentflow.models.client.completion import complete
from agentflow.models.client.types import Answer, ModelEvent, Request
from agentflow.models.response_cache import Answers, identity
from agentflow.models.routing import Listen, ask_cluster, recite
from agentflow.models.weights import calibrations
from agentflow.models.weights.fingerprint import fingerprint

if TYPE_CHECKING:
    from agentflow.models.addresses.balanced_client import BalancedClient
    from agentflow.models.client.client import Client

AT_ONCE = 64


class Models:
    """`state` is the project's folder for what is written; `overrides` map a role to a model name, the key `default`
    replaces every role but the embedder."""

    def __init__(
        self, catalog: ModelCatalog, state: Path, *, overrides: dict[str, str] | None = None, sink: Sink = ignore
    ) -> None:
        self.catalog = catalog.override(overrides or {})
        self.state = state
        self.sink = sink
        self._clients: dict[str, Client | BalancedClient] = {}
        self._weights: dict[str, str] = {}
        self._warming: set[asyncio.Task[Client | BalancedClient]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Leaves every server; those without other users end."""
        for task in self._warming:
            task.cancel()
        await asyncio.gather(*self._warming, return_exceptions=True)
        await self._release(wait=False)
        self._clients.clear()

    def model_of(self, role: str) -> str:
        """The name of the (first) model of a role. Starts nothing; raises AgentflowError for an unknown role."""
        return self.catalog.resolve(role).name

    async def client(self, role: str) -> "Client | BalancedClient":
        """The (first) model of a role, or a model by name, ready to answer. Raises AgentflowError with the reason."""
        config = self.catalog.resolve(role)
        if config.name not in self._clients:
            from agentflow.models.addresses.open import open_client  # half a second, for those who ask a model

            self._clients[config.name] = open_client(config, self.state, self.sink)
        client = self._clients[config.name]
        await client.connected()
        return client

    def warm(self, role: str) -> None:
        """Begins to start the (first) model of a role, and does not wait; what is wrong with it tells the first call."""
        task = asyncio.ensure_future(self.client(role))
        self._warming.add(task)
        task.add_done_callback(self._warmed)

    def _warmed(self, task: "asyncio.Task[Client | BalancedClient]") -> None:
        self._warming.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not print it

    async def ask(self, role: str, request: Request, *, on_event: Callable[[ModelEvent], None] | None = None) -> Answer:
        """One gathered, validated answer; see `complete` for the errors. A role of several models is asked as its
        cluster says; `on_event` then hears only the answer that is taken."""
        cluster = self.catalog.cluster(role)
        if not cluster.plain:
            return await self._remembered(role, cluster, request, on_event)
        client = await self.client(role)
        return await complete(client, with_thinking(request, role, client.config), on_event)

    async def ask_all(
        self, role: str, requests: Sequence[Request], *, on_answer: Callable[[int, Answer], None] | None = None
    ) -> list[Answer]:
        """Answers in the order of the requests, which run together; the first error ends the rest. `on_answer` hears
        each, with its place, as it comes."""
        places = asyncio.Semaphore(min(AT_ONCE, self.catalog.resolve(role).queue))

        async def one(place: int, request: Request) -> Answer:
            async with places:
                answer = await self.ask(role, request)
            if on_answer:
                on_answer(place, answer)
            return answer

        tasks = [asyncio.ensure_future(one(place, request)) for place, request in enumerate(requests)]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def weights(self, role: str) -> dict[str, str]:
        """The fingerprint of each model that may answer for a role."""
        for name in self.catalog.cluster(role).models:
            if name not in self._weights:
                self._weights[name] = await asyncio.to_thread(fingerprint, self.catalog.resolve(name))
        return {name: self._weights[name] for name in self.catalog.cluster(role).models}

    def abilities(self, role: str) -> frozenset[str]:
        """What graphs may trust the (first) model of a role with. Starts nothing."""
        return calibrations.abilities(self.catalog.resolve(role))

    async def unload(self) -> None:
        """Frees the memory; the next call loads again."""
        await self._release(wait=True)

    async def _remembered(self, role: str, cluster: Cluster, request: Request, listen: Listen | None) -> Answer:
        """An earlier answer where the cluster allows it, else a new one, which is kept."""

        async def one(name: str, sample: Request, hear: Listen | None) -> Answer:
            return await self.ask(name, with_thinking(sample, role, self.catalog.resolve(name)), on_event=hear)

        def tell(text: str) -> None:
            self.sink(Note(text=f"{role}: {text}", run=request.run, step=request.step))

        if cluster.cache == "none":
            return await ask_cluster(cluster, request, one, tell, listen)
        kept = Answers(self.state / "answers.db", identity(self.catalog, cluster))
        if found := await asyncio.to_thread(kept.find, request):
            recite(found, listen)
            return found
        vector = None
        if cluster.cache == "semantic":
            vector = (await (await self.client("embedder")).embed([request.messages[-1].content]))[0]
            if found := await asyncio.to_thread(kept.find_similar, request, vector, cluster.similarity):
                tell("answered from an earlier request that means the same")
                recite(found, listen)
                return found
        answer = await ask_cluster(cluster, request, one, tell, listen)
        await asyncio.to_thread(kept.keep, request, answer, vector)
        return answer

    async def _release(self, *, wait: bool) -> None:
        for client in self._clients.values():
            await client.release(wait=wait)


def with_thinking(request: Request, role: str, config: ModelConfig) -> Request:
    """With the limit of a role that thinks, where the request has none of its own."""
    if role != THINKER or request.max_thinking is not None:
        return request
    return replace(request, max_thinking=config.thinking_of(role))
