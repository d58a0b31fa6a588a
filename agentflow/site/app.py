"""The site's application: who calls, its routes, its metrics, and a row of the audit log for each request, before anything
leaves."""

import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from agentflow.api.app import answering
from agentflow.api.errors import HANDLERS, fault, kind_of
from agentflow.api.operations import known_caller
from agentflow.api.parsing import parse_body
from agentflow.errors import AgentflowError, Unauthorized
from agentflow.federation.settings import Serve, SiteGrant
from agentflow.federation.wire import EvidenceAsked, SearchAsked, VerdictsAsked, WireRequest
from agentflow.identity.audit import NOBODY, Audit, claimed
from agentflow.identity.caller import Caller, Grants
from agentflow.identity.callers import Callers, Certified
from agentflow.serving.api.shield import Shield
from agentflow.site.metrics import SiteMetrics
from agentflow.site.service import Answer, SiteService, counted
from agentflow.telemetry.collector import Take, no_spans
from agentflow.telemetry.middleware import Traced
from agentflow.worker.metrics import TEXT

Answers = Callable[..., Awaitable[Answer]]


def create_app(
    service: SiteService,
    callers: Callers,
    audit: Audit,
    metrics: SiteMetrics,
    *,
    hosts: frozenset[str] | None,
    take: Take = no_spans,
) -> Starlette:
    """`hosts`: the Host headers answered; None for all. `take` gets the span of each request."""

    def refuse(who: str, operation: str, asked: str, error: Exception, began: float) -> None:
        outcome = kind_of(error) if isinstance(error, AgentflowError) else "internal"
        metrics.count(operation, outcome, time.monotonic() - began)
        audit.write(who, operation, asked, outcome)

    def route(method: str, path: str, answers: Answers, kind: type[WireRequest] | None = None) -> Route:
        operation = path[1:]

        async def endpoint(request: Request) -> Response:
            name, asked, began = NOBODY, None, time.monotonic()
            try:
                caller = await caller_of(request, callers)
                name = caller.name
                asked = await parse_body(request, kind) if kind else None
                answer = await (answers(caller, asked) if asked else answers(caller))
            except Exception as error:
                who = name if name != NOBODY else claimed(request)
                refuse(who, operation, asked.text if asked else "", error, began)
                raise
            data = answer.model_dump_json().encode()
            audit.write(name, operation, asked.text if asked else "", items=counted(answer), size=len(data))
            metrics.count(operation, "answered", time.monotonic() - began)
            metrics.released[operation] += counted(answer)
            return Response(data, media_type="application/json", headers={"Cache-Control": "no-store"})

        return Route(path, answering(endpoint, hosts), methods=[method])

    async def measures(request: Request) -> Response:
        """For whoever runs the site: its callers need not know how much others ask."""
        began = time.monotonic()
        try:
            await known_caller(request, callers)
        except AgentflowError as error:
            refuse(claimed(request), "metrics", "", error, began)
            raise
        return PlainTextResponse(metrics.exposition(), media_type=TEXT)

    app = Starlette(
        routes=[
            Route("/metrics", answering(measures, hosts)),
            route("GET", "/site", service.site),
            route("POST", "/search", service.search, SearchAsked),
            route("POST", "/evidence", service.evidence, EvidenceAsked),
            route("POST", "/verdicts", service.verdicts, VerdictsAsked),
        ],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    app.add_middleware(Shield, fault=fault)
    app.add_middleware(Traced, take=take)
    return app


async def caller_of(request: Request, callers: Callers) -> Caller:
    """Raises Unauthorized for nobody, and for callers to whom the site hands nothing."""
    caller = await callers.caller(request)
    if caller.grants.site is None:
        raise Unauthorized
    return caller


def certified(policy: Serve) -> Certified:
    """Whoever has a certificate of the site's authority gets what the policy says."""
    return lambda name: Grants(graphs=[], tools=[], site=policy.callers.get(name, SiteGrant()))
