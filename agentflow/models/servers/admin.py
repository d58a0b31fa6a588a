"""Servers that run now, for `agentflow models ps | start | stop`."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import psutil

from agentflow.errors import AgentflowError
from agentflow.events import Sink
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.factory import open_servers
from agentflow.models.servers.managed import Managed
from agentflow.models.servers.server_dir import Running, ServerDir, places

STOP_SECONDS = 15.0


def running() -> list[tuple[ServerDir, Running]]:
    """Every server of this user that can be joined."""
    found = [(place, place.running()) for place in places()]
    return [(place, server) for place, server in found if server is not None]


def describe(place: ServerDir, server: Running) -> dict[str, Any]:
    """One line of `ps`: memory in bytes, seconds since the start, without the key."""
    process = psutil.Process(server.pid)
    family = [process, *process.children(recursive=True)]
    memory = sum(_memory(member) for member in family)
    return {
        **{key: value for key, value in asdict(server).items() if key not in ("key", "argv")},
        "users": place.users(),
        "pinned": (place.folder / "pinned").exists(),
        "memory": memory,
        "seconds": round(time.time() - server.started),
        "log": str(place.folder / "log"),
    }


async def start(config: ModelConfig, sink: Sink) -> list[tuple[ServerDir, Running]]:
    """Starts the server of a model, or its replicas, to stay until `stop`. Raises AgentflowError for an endpoint."""
    if config.backend == "endpoint":
        raise AgentflowError(f"'{config.name}' is served elsewhere", "start it there")
    found = []
    for server in open_servers(config, sink).values():
        assert isinstance(server, Managed)
        await pin(server)
        if started := server.place.running():
            found.append((server.place, started))
    return found


async def pin(server: Managed) -> None:
    """Starts a server that stays until `stop`."""
    await server.start()
    (server.place.folder / "pinned").touch()
    await server.stop()


def stop(place: ServerDir, server: Running) -> None:
    """Ends a server, whoever uses it. Raises AgentflowError when it does not end."""
    (place.folder / "stop").touch()
    with suppress(ProcessLookupError):
        os.kill(server.supervisor, signal.SIGUSR1)
    deadline = time.monotonic() + STOP_SECONDS
    while psutil.pid_exists(server.pid) and psutil.pid_exists(server.supervisor):
        if time.monotonic() > deadline:
            raise AgentflowError(
                f"the server of '{server.name}' (pid {server.pid}) does not end", f"kill -9 {server.pid}"
            )
        time.sleep(0.05)


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
