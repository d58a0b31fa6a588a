"""An open connection to one server: the openai client over TCP or a Unix socket, and what the server can do."""

from dataclasses import dataclass

import httpx2
from openai import AsyncOpenAI

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.capabilities import Capabilities, probe
from agentflow.models.servers.server import Endpoint

# Our own deadlines govern reading; see client.py.
TIMEOUT = httpx2.Timeout(None, connect=10.0)


@dataclass(frozen=True, slots=True)
class Connection:
    endpoint: Endpoint
    root: httpx2.AsyncClient
    openai: AsyncOpenAI
    can: Capabilities

    async def close(self) -> None:
        await self.root.aclose()


def http_client(endpoint: Endpoint) -> httpx2.AsyncClient:
    """For the server's root. Nothing comes from the environment: no proxy."""
    transport = httpx2.AsyncHTTPTransport(
        verify=endpoint.verify,
        uds=str(endpoint.socket) if endpoint.socket else None,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32),
    )
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    return httpx2.AsyncClient(
        base_url=endpoint.url.removesuffix("/v1"),
        transport=transport,
        trust_env=False,
        timeout=TIMEOUT,
        headers=headers,
    )


async def connect(endpoint: Endpoint, config: ModelConfig) -> Connection:
    """Nothing comes from the environment: no OPENAI_* variable, no cloud default."""
    root = http_client(endpoint)
    openai = AsyncOpenAI(
        api_key=endpoint.key,
        admin_api_key="",
        organization="",
        project="",
        webhook_secret="",
        base_url=endpoint.url,
        max_retries=0,
        timeout=TIMEOUT,
        http_client=root,
    )
    return Connection(endpoint, root, openai, await probe(root, endpoint, config))
