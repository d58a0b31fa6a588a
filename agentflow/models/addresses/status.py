"""How each address of a model stands now, asked directly: for `agentflow models status`, `doctor` and the terminal UI."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx2

from agentflow.errors import AgentflowError
from agentflow.models.addresses.drained import Drained
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.connection import http_client
from agentflow.models.client.server_metrics import load
from agentflow.models.servers.admin import running
from agentflow.models.servers.endpoint import Remote
from agentflow.models.servers.server import Endpoint

WITHIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class AddressStatus:
    """`stopped` is a server of ours that nobody uses now; `detail` says why one is silent; `seconds` is the time of one
    small request; `running` and `waiting` are requests there, None where the server does not tell."""

    name: str
    state: Literal["answers", "silent", "drained", "stopped"]
    detail: str = ""
    seconds: float = 0.0
    running: int | None = None
    waiting: int | None = None


async def statuses(config: ModelConfig, drained: Drained) -> list[AddressStatus]:
    """In the order of models.yaml. Starts nothing."""
    out = drained.of(config.name)
    return list(await asyncio.gather(*(_status(config, name, name in out) for name in config.addresses)))


async def _status(config: ModelConfig, name: str, drained: bool) -> AddressStatus:
    begun = time.monotonic()
    try:
        async with asyncio.timeout(WITHIN):
            endpoint = await _endpoint(config, name)
            if endpoint is None:
                return AddressStatus(name, "drained" if drained else "stopped")
            busy, waiting = await _load(endpoint)
    except TimeoutError:
        return AddressStatus(name, "drained" if drained else "silent", f"no answer within {WITHIN:.0f} s")
    except AgentflowError as error:
        return AddressStatus(name, "drained" if drained else "silent", error.message)
    seconds = time.monotonic() - begun
    return AddressStatus(name, "drained" if drained else "answers", "", seconds, busy, waiting)


async def _endpoint(config: ModelConfig, name: str) -> Endpoint | None:
    """None for a server of ours that does not run. Raises Unavailable for one elsewhere."""
    if config.backend == "endpoint":
        return await Remote(config, name).start()
    for _, server in running():
        if (server.address or server.name) == name:
            return Endpoint(server.url, server.key, server.model, Path(server.socket) if server.socket else None)
    return None


async def _load(endpoint: Endpoint) -> tuple[int | None, int | None]:
    """(running, waiting) as the server's metrics count them. Raises AgentflowError when it does not answer."""
    async with http_client(endpoint) as http:
        try:
            answer = await http.get("/metrics")
        except httpx2.HTTPError as error:
            raise AgentflowError(f"it does not answer ({type(error).__name__})") from error
    return load(answer.text if answer.status_code == 200 else "")
