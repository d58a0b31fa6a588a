"""Models: what models.yaml offers, which servers run, whether a model fits."""

from collections.abc import AsyncIterator
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.events import Event

from ..backend import ModelRow
from .child import Child
from .desk import Desk

LOG_BYTES = 16_384


class LocalModels:
    def __init__(self, desk: Desk, child: Child) -> None:
        self.desk = desk
        self.child = child

    async def all(self) -> list[ModelRow]:
        return await self.desk.do(self._read)

    def _read(self) -> list[ModelRow]:
        from agentflow.models.config import load_catalog
        from agentflow.models.inventory import inventory
        from agentflow.models.servers.registry import places

        catalog = load_catalog(self.desk.project.models_files())
        alive = {server.name for place in places() if (server := place.running())}
        return [
            _row(item, catalog.models[item["name"]].weights or catalog.models[item["name"]].url or "", alive)
            for item in inventory(catalog)
        ]

    async def start(self, name: str) -> AsyncIterator[Event]:
        async for event in self.child.watch("start", name=name):
            yield event

    async def stop(self, name: str) -> None:
        def stop() -> None:
            from agentflow.models.running import running
            from agentflow.models.running import stop as stop_server

            found = [(place, server) for place, server in running() if server.name == name]
            if not found:
                raise AgentflowError(f"no server of '{name}' runs", "start it first")
            for place, server in found:
                stop_server(place, server)

        await self.desk.do(stop)

    async def log(self, name: str) -> str:
        def read() -> str:
            from agentflow.models.running import running

            return "\n".join(place.log_tail(LOG_BYTES) for place, server in running() if server.name == name)

        return await self.desk.do(read)

    async def speed(self, name: str) -> str:
        return "\n".join(await self.child.ask("speed", name=name))


def _row(item: dict[str, Any], weights: str, alive: set[str]) -> ModelRow:
    state = "external" if item["serve"] == "endpoint" else "running" if item["name"] in alive else "stopped"
    here = {None: "served elsewhere", True: "weights are here", False: "weights to be pulled"}[item["here"]]
    return ModelRow(
        item["name"], item["serve"], item["kind"], weights, item["context"], state, tuple(item["roles"]), here, item["here"] is not False,
        item["description"],
    )  # fmt: skip
