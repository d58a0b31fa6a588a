"""Listens and serves the site until it is told to end."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn

from agentflow.api.keys import Keys
from agentflow.api.server import LOOPBACK, answered_hosts, listen, url_of
from agentflow.engine import Engine
from agentflow.errors import AgentflowError, ConfigError
from agentflow.federation.settings import FILE, Serve, load_settings
from agentflow.models.pool_types import ModelPool
from agentflow.project import Project
from agentflow.serving.quiet_server import QuietServer
from agentflow.site.app import create_app
from agentflow.site.audit import Audit
from agentflow.site.peer import NamedPeer, watch_handshakes
from agentflow.site.service import Service

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """`remote` allows an address that other machines can reach, `plain` http there. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8450
    remote: bool = False
    plain: bool = False


async def serve(
    project: Project,
    config: SiteConfig,
    tell: Tell,
    *,
    models: dict[str, str] | None = None,
    pool: ModelPool | None = None,
) -> None:
    """Until SIGTERM or SIGINT. `tell` hears `{"said": "listening", "url", "name", "release"}`. `pool` as in Engine.

    Raises AgentflowError for an address in use, one that other machines can reach without `remote` or without TLS, and for
    certificates that cannot be used."""
    policy = load_settings(project).serve
    if config.host not in LOOPBACK and not policy.certificate and not config.plain:
        raise AgentflowError(
            f"on {config.host} anybody on the way could read what is asked and answered",
            f"name a certificate in {FILE}, or allow it with --plain where the network is your own",
        )
    listener = listen(config.host, config.port, remote=config.remote)
    async with Engine(project, models=models, pool=pool, alone=True) as engine:
        audit = Audit(engine.store, project.state)
        app = create_app(
            Service(engine, policy),
            Keys(engine.store, ""),
            audit,
            hosts=answered_hosts(config.host, remote=config.remote),
        )
        settings = uvicorn.Config(
            app, http=NamedPeer, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=3,
            server_header=False, limit_concurrency=256, **_tls(project, policy),
        )  # fmt: skip
        _load(settings, audit)
        await engine.own.similarity("ready", ["ready"])  # the embedder's start is not the first caller's to wait for
        scheme = "https" if policy.certificate else "http"
        url = url_of(scheme, config.host, listener)
        tell({"said": "listening", "url": url, "name": policy.name, "release": policy.release})
        await QuietServer(settings).serve(sockets=[listener])


def _tls(project: Project, policy: Serve) -> dict[str, Any]:
    if not policy.certificate or not policy.private_key:
        return {}
    files = {"ssl_certfile": project.root / policy.certificate, "ssl_keyfile": project.root / policy.private_key}
    if policy.clients:
        return {**files, "ssl_ca_certs": project.root / policy.clients, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return files


def _load(settings: uvicorn.Config, audit: Audit) -> None:
    try:
        settings.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{FILE}: a certificate under serve: cannot be used ({error})", "name PEM files that can be read"
        ) from error
    if settings.ssl:
        watch_handshakes(settings.ssl, lambda reason: audit.write("unknown", "connect", "", f"certificate: {reason}"))
