"""The application: who may call, the routes, the page, and a row of the audit log for what was done or refused."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agentflow.api.errors import HANDLERS, Refusal, fault
from agentflow.api.metrics import ApiMetrics
from agentflow.api.openapi import document
from agentflow.api.operations import AuditedCall, Endpoint, known_caller, routes
from agentflow.api.page import page
from agentflow.api.service import Service
from agentflow.identity.audit import Audit, claimed
from agentflow.identity.callers import Callers
from agentflow.serving.api.middleware import host_name
from agentflow.serving.api.shield import Shield
from agentflow.telemetry.collector import Take, no_spans
from agentflow.telemetry.middleware import Traced
from agentflow.worker.metrics import TEXT


def answering(endpoint: Endpoint, hosts: frozenset[str] | None) -> Endpoint:
    """The endpoint for requests to one of these Host headers; None for all."""

    async def checked(request: Request) -> Response:
        if hosts is not None and host_name(request.headers.get("host", "")) not in hosts:
            raise Refusal("forbidden", "this Host header is not answered", "call it by the address that it printed")
        return await endpoint(request)

    return checked


def create_app(
    service: Service, callers: Callers, audit: Audit, metrics: ApiMetrics, *, hosts: frozenset[str] | None,
    take: Take = no_spans,
) -> Starlette:  # fmt: skip
    """`hosts`: the Host headers answered, so that no web page gets in by a name it rebinds; None for all. `take` gets the span
    of each request."""
    described = document()

    def local(endpoint: Endpoint) -> Endpoint:
        return answering(endpoint, hosts)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def openapi(_: Request) -> Response:
        return JSONResponse(described)

    async def measures(request: Request) -> Response:
        await known_caller(request, callers)
        text = await asyncio.to_thread(metrics.exposition, service.store, service.followers)
        return PlainTextResponse(text, media_type=TEXT)

    async def write(request: Request, call: AuditedCall, outcome: str, size: int) -> None:
        who = call.caller.name if call.caller else claimed(request)
        await asyncio.to_thread(audit.write, who, f"{call.operation} {call.run}".rstrip(), call.asked, outcome, 0, size)

    further = {"/health": health, "/openapi.json": openapi, "/": page, "/metrics": measures}
    app = Starlette(
        routes=[
            *(Route(path, local(endpoint)) for path, endpoint in further.items()),
            *(
                Route(item.path, local(item.endpoint), methods=list(item.methods or ()))
                for item in routes(service, callers, metrics, write)
            ),
        ],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    app.add_middleware(Shield, fault=fault)
    app.add_middleware(Traced, take=take)
    return app
