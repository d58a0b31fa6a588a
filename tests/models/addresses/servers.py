"""Real embedded servers on loopback ports, with exact arithmetic, so that every one of them gives the same answers."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agentflow import bundled
from agentflow.events import Event, Note
from agentflow.models.addresses.balanced_client import BalancedClient
from agentflow.models.addresses.drained import Drained
from agentflow.models.addresses.fleet import Fleet
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.types import Message, Request, Sampling
from agentflow.models.servers.factory import open_servers

STARTER = bundled.ROOT / "starter" / "weights" / "starter.gguf"
KEY = "of-the-tests"
EXACT = {"kv_type": "f32", "flash_attention": False, "context": 2048, "parallel": 8}


class RealServer:
    """`python -m agentflow.serving` with the starter."""

    def __init__(self, port: int = 0) -> None:
        orders = {
            "port": port,
            "api_key": KEY,
            "parent_pid": os.getpid(),
            "models": [{"name": "starter", "path": str(STARTER), **EXACT}],
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agentflow.serving", "--config", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(orders).encode())
        self.process.stdin.close()

    def ready(self) -> str:
        """The base URL, once it answers."""
        assert self.process.stdout
        line = json.loads(self.process.stdout.readline())
        return f"{line['url'].rstrip('/').removesuffix('/v1')}/v1"

    def end(self) -> None:
        assert self.process.stdout
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Several:
    """Servers that start together."""

    def __init__(self, count: int) -> None:
        self.servers = [RealServer() for _ in range(count)]
        self.urls = [server.ready() for server in self.servers]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.end()


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
