"""Listens and serves the site until it is told to end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agentflow.api.server import answered_hosts, listen, url_of
from agentflow.engine import Engine
from agentflow.export.collector import tracing
from agentflow.federation.settings import FILE, load_settings
from agentflow.identity.audit import Audit
from agentflow.identity.callers import Callers
from agentflow.identity.keys import Keys
from agentflow.identity.settings import load_access
from agentflow.identity.tls import config_of, require_encrypted
from agentflow.models.pool_types import ModelPool
from agentflow.project import Project
from agentflow.serving.quiet_server import QuietServer
from agentflow.site.app import certified, create_app
from agentflow.site.metrics import SiteMetrics
from agentflow.site.service import SiteService
from agentflow.telemetry.collector import sending
from agentflow.telemetry.settings import load_telemetry

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
    if config.remote:
        require_encrypted(config.host, policy, FILE, plain=config.plain)
    listener = listen(config.host, config.port, remote=config.remote)
    with tracing(project.root) as let_go, sending(load_telemetry(project.root).traces, "agentflow-site") as take:
        async with Engine(project, models=models, pool=pool, alone=True, let_go=let_go) as engine:
            audit = Audit(engine.store, project.state, "site")
            callers = Callers(Keys(engine.store, ""), load_access(project.root), project.root, certified(policy))
            hosts = answered_hosts(config.host, remote=config.remote)
            metrics = SiteMetrics()
            app = create_app(SiteService(engine, policy), callers, audit, metrics, hosts=hosts, take=take)

            def refused(reason: str) -> None:
                metrics.count("connect", "certificate")
                audit.refused_certificate(reason)

            settings = config_of(app, project.root, policy, FILE, refused, limit_concurrency=256)
            await engine.own.similarity(
                "ready", ["ready"]
            )  # the embedder's start is not the first caller's to wait for
            scheme = "https" if policy.certificate else "http"
            url = url_of(scheme, config.host, listener)
            tell({"said": "listening", "url": url, "name": policy.name, "release": policy.release})
            await QuietServer(settings).serve(sockets=[listener])
