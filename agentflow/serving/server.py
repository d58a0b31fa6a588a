"""Loads the models, listens, and serves until it is told to end."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import uvicorn

from agentflow.errors import ConfigError
from agentflow.serving.api.app import create_app
from agentflow.serving.api.middleware import CallerOf
from agentflow.serving.config import LOOPBACK, ServerConfig
from agentflow.serving.engine.batch_runner import deliver_at_once
from agentflow.serving.engine.request import Event, GenerationRequest
from agentflow.serving.loaded_models import LoadedModels, open_models
from agentflow.serving.parent_watch import die_with
from agentflow.serving.quiet_server import QuietServer
from agentflow.telemetry.collector import sending
from agentflow.telemetry.settings import load_telemetry

BACKLOG = 512  # connections that may wait to be accepted
KEEP_ALIVE = 3600  # seconds; uvicorn's 5 would close a connection just as a client uses it again
SETTINGS: dict[str, Any] = {
    "log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 5,
    "timeout_keep_alive": KEEP_ALIVE,
}  # fmt: skip
Ready = Callable[[dict[str, Any]], None]


async def serve(
    config: ServerConfig,
    ready: Ready,
    *,
    caller_of: CallerOf | None = None,
    configured: Callable[..., uvicorn.Config] | None = None,
) -> None:
    """Until SIGTERM or SIGINT. Calls `ready` with the address once everything is loaded. `caller_of` as in create_app;
    `configured` stands for uvicorn.Config where the server has certificates."""
    if config.parent_pid:
        die_with(config.parent_pid)
    listener = listen(config)
    loop = asyncio.get_running_loop()

    def deliver(events: list[tuple[GenerationRequest, Event]]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver_at_once, events)

    loaded = await asyncio.to_thread(open_models, config, deliver)
    gc.collect()
    gc.freeze()  # vocabularies and templates stay: the collector need not look at them again
    hosts = None if config.socket or config.allow_remote else frozenset({*LOOPBACK, "[::1]", config.host})
    with sending(config.traces or load_telemetry().traces, "agentflow-server") as take:
        app = create_app(loaded, api_key=config.api_key, hosts=hosts, caller_of=caller_of, take=take)
        try:
            settings = (configured or uvicorn.Config)(app, **SETTINGS)
            url = url_of(config, listener, encrypted=settings.is_ssl)
            ready({"ready": True, "url": url, "pid": os.getpid(), "models": summary(loaded)})
            await QuietServer(settings).serve(sockets=[listener])
        finally:
            await asyncio.to_thread(loaded.close)


def listen(config: ServerConfig) -> socket.socket:
    """Raises ConfigError for an address in use, or one beyond this machine that was not asked for."""
    if config.socket is None and config.host not in LOOPBACK and not config.allow_remote:
        raise ConfigError(f"{config.host} can be reached from other machines", "set allow_remote to serve them")
    try:
        if config.socket is not None:
            config.socket.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(config.socket))
            listener.listen(BACKLOG)
            config.socket.chmod(0o600)
        else:
            listener = socket.create_server((config.host, config.port), backlog=BACKLOG)
    except OSError as error:
        raise ConfigError(f"cannot listen on {config.socket or f'{config.host}:{config.port}'}: {error}") from error
    return listener


def url_of(config: ServerConfig, listener: socket.socket, *, encrypted: bool) -> str:
    if config.socket is not None:
        return f"http+unix://{quote(str(config.socket), safe='')}"
    return f"http{'s' if encrypted else ''}://{config.host}:{listener.getsockname()[1]}"


def summary(loaded: LoadedModels) -> list[dict[str, Any]]:
    chats = [{"name": n, "window": c.window, "parallel": c.parallel} for n, c in loaded.chats.items()]
    return chats + [{"name": n, "window": e.window, "parallel": 1} for n, e in loaded.embedders.items()]
