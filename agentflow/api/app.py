"""The application: who may call, the routes, the page."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agentflow.api.errors import HANDLERS, Refusal, fault
from agentflow.api.grants import Caller
from agentflow.api.openapi import document
from agentflow.api.operations import routes
from agentflow.api.page import page
from agentflow.api.service import Service
from agentflow.serving.api.middleware import host_name
from agentflow.serving.api.shield import Shield


def create_app(service: Service, *, hosts: frozenset[str] | None) -> Starlette:
    """`hosts`: the Host headers answered, so that no web page gets in by a name it rebinds; None for all."""
    described = document()

    def caller_of(request: Request) -> tuple[Caller, str]:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        caller = service.keys.caller(key.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Refusal(
                "unauthorized", "the key is missing, wrong or revoked", "send it as `Authorization: Bearer KEY`"
            )
        return caller, key.strip()

    def local(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            if hosts is not None and host_name(request.headers.get("host", "")) not in hosts:
                raise Refusal("forbidden", "this Host header is not answered", "call it by the address that it printed")
            return await endpoint(request)

        return checked

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def openapi(_: Request) -> Response:
        return JSONResponse(described)

    open_to_all = {"/health": health, "/openapi.json": openapi, "/": page}
    app = Starlette(
        routes=[
            *(Route(path, local(endpoint)) for path, endpoint in open_to_all.items()),
            *(
                Route(item.path, local(item.endpoint), methods=list(item.methods or ()))
                for item in routes(service, caller_of)
            ),
        ],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    app.add_middleware(Shield, fault=fault)
    return app
