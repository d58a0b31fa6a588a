"""Models: what models.yaml offers, which servers run, whether a model fits."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from agentflow.errors import AgentflowError
from agentflow.events import Event

from ..backend import ModelRow
from .database_thread import Desk
from .memory_fit import Fits
from .worker_client import Child

if TYPE_CHECKING:
    from agentflow.models.addresses.status import AddressStatus
    from agentflow.models.catalog.model_config import ModelConfig

LOG_BYTES = 16_384


class LocalModels:
    def __init__(self, desk: Desk, child: Child) -> None:
        self.desk = desk
        self.child = child
        self.fits = Fits()

    async def all(self) -> list[ModelRow]:
        return await self.desk.do(self._read)

    def _read(self) -> list[ModelRow]:
        from agentflow.models.catalog.catalog import load_catalog
        from agentflow.models.servers.server_dir import places
        from agentflow.models.weights.inventory import inventory

        catalog = load_catalog(self.desk.project.models_files())
        alive = {server.name for place in places() if (server := place.running())}
        return [self._row(item, catalog.models[item["name"]], item["name"] in alive) for item in inventory(catalog)]

    async def addresses(self, name: str) -> "list[AddressStatus]":
        from agentflow.models.addresses.drained import Drained
        from agentflow.models.addresses.status import statuses
        from agentflow.models.catalog.catalog import load_catalog

        project = self.desk.project
        catalog = await self.desk.do(lambda: load_catalog(project.models_files()))
        return await statuses(catalog.resolve(name), Drained(project.state))

    def _row(self, item: dict[str, Any], config: "ModelConfig", running: bool) -> ModelRow:
        state = "external" if config.backend == "endpoint" else "running" if running else "stopped"
        match item["here"]:
            case None:
                fit, fits = "served elsewhere", None
            case False:
                fit, fits = "weights to be pulled", None
            case _:
                fit, fits = self.fits.of(config, running=running)
        return ModelRow(
            config.name, config.backend, config.kind, config.origin or ", ".join(config.url), config.context, state,
            tuple(item["roles"]), fit, fits, config.description, len(config.addresses),
        )  # fmt: skip

    async def start(self, name: str) -> AsyncIterator[Event]:
        async for event in self.child.watch("start", name=name):
            yield event

    async def stop(self, name: str) -> None:
        def stop() -> None:
            from agentflow.models.servers.admin import running
            from agentflow.models.servers.admin import stop as stop_server

            found = [(place, server) for place, server in running() if server.name == name]
            if not found:
                raise AgentflowError(f"no server of '{name}' runs", "start it first")
            for place, server in found:
                stop_server(place, server)

        await self.desk.do(stop)

    async def log(self, name: str) -> str:
        def read() -> str:
            from agentflow.models.servers.admin import running

            return "\n".join(place.log_tail(LOG_BYTES) for place, server in running() if server.name == name)

        return await self.desk.do(read)

    async def speed(self, name: str) -> str:
        return "\n".join(await self.child.ask("speed", name=name))
