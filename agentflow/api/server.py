"""Listens, serves the API, and keeps the workers of the same machine, until it is told to end."""

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from agentflow.api.app import create_app
from agentflow.api.metrics import ApiMetrics
from agentflow.api.service import Service
from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.identity.audit import Audit
from agentflow.identity.callers import Callers
from agentflow.identity.keys import Keys, owner_key
from agentflow.identity.settings import FILE, load_access
from agentflow.identity.tls import config_of, require_encrypted
from agentflow.project import Project
from agentflow.runs.queue import MOST_WAITING
from agentflow.serving.config import LOOPBACK
from agentflow.serving.quiet_server import QuietServer
from agentflow.telemetry.collector import sending
from agentflow.telemetry.settings import load_telemetry
from agentflow.worker.config import WorkerConfig
from agentflow.worker.metrics import WorkerMetrics
from agentflow.worker.supervisor import Supervisor

GRACE = 3.0  # seconds that runs may still take when the server is to end

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """`slots` runs at once are carried beside the server; with 0 other workers do. `remote` allows an address that other
    machines can reach, `plain` http there. Port 0 takes a free one. At `socket`, a Unix socket, this user needs no key."""

    host: str = "127.0.0.1"
    port: int = 8400
    slots: int = 1
    remote: bool = False
    plain: bool = False
    socket: Path | None = None
    key_file: Path | None = None
    most_waiting: int = MOST_WAITING


class ApiServer(QuietServer):
    """Ends the streams of its service before it waits for the connections."""

    service: Service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.service.closing = True
        super().handle_exit(sig, frame)


async def serve(project: Project, config: ApiConfig, tell: Tell, *, models: dict[str, str] | None = None) -> None:
    """Until SIGTERM or SIGINT. `tell` hears `{"said": "listening", "url", "key", "key_file"}`, then what the slots say.

    Raises AgentflowError for an address in use, one that other machines can reach without `remote` or without TLS, a key
    file in the project's folder, and for certificates that cannot be used."""
    access = load_access(project.root)
    if config.remote:
        require_encrypted(config.host, access.api, FILE, plain=config.plain)
    key, file = owner_key(config.key_file, project.root)
    listener = listen(config.host, config.port, remote=config.remote)
    listeners = [listener, *([listen_locally(config.socket)] if config.socket else [])]
    with sending(load_telemetry(project.root).traces, "agentflow-api") as take:
        async with Engine(project, models=models) as engine:
            service = Service(engine, most_waiting=config.most_waiting)
            callers = Callers(Keys(engine.store, key), access, project.root, access.api.callers.get)
            audit = Audit(engine.store, project.state, "api")
            hosts = answered_hosts(config.host, remote=config.remote)
            metrics = ApiMetrics(WorkerMetrics(tell), config.slots)
            app = create_app(service, callers, audit, metrics, hosts=hosts, take=take)
            server = ApiServer(config_of(app, project.root, access.api, FILE, audit.refused_certificate))
            server.service = service
            workers = Supervisor(WorkerConfig(project=project.root, grace=GRACE), config.slots, metrics.workers.tell)
            working = asyncio.create_task(workers.run())

            def ended(task: "asyncio.Task[None]") -> None:
                if not task.cancelled() and task.exception():
                    server.handle_exit(
                        signal.SIGTERM, None
                    )  # no slot can work here: say so instead of letting runs wait

            working.add_done_callback(ended)
            url = url_of("https" if access.api.certificate else "http", config.host, listener)
            tell({"said": "listening", "url": url, "key": key, "key_file": str(file)})
            try:
                await server.serve(sockets=listeners)
            finally:
                workers.stop()
                await working


def listen(host: str, port: int, *, remote: bool) -> socket.socket:
    """Raises AgentflowError for an address in use, or one that other machines can reach without `remote`."""
    if host not in LOOPBACK and not remote:
        raise AgentflowError(f"{host} can be reached from other machines", "allow it with --remote")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise AgentflowError(
            f"cannot listen on {host}:{port} ({error.strerror})", "choose another with --port"
        ) from error


def listen_locally(path: Path) -> socket.socket:
    """At a socket that this user alone may open. Raises AgentflowError where it cannot be made."""
    try:
        if path.is_socket():
            path.unlink()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(512)
    except OSError as error:
        raise AgentflowError(f"cannot listen at {path} ({error.strerror or error})", "name another --socket") from error
    return listener


def answered_hosts(host: str, *, remote: bool) -> frozenset[str] | None:
    return None if remote else frozenset({*LOOPBACK, "[::1]", host})


def url_of(scheme: str, host: str, listener: socket.socket) -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
