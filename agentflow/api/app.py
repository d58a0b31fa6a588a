"""The application: who may call, the routes, the page."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agentflow.api.errors import HANDLERS, Refusal, fault
from agentflow.api.grants import Caller
from agentflow.api.openapi import document
from agentflow.api.operations import Endpoint, routes
from agentflow.api.page import page
from agentflow.api.service import Service
from agentflow.serving.api.middleware import host_name
from agentflow.serving.api.shield import Shield


def bearer(request: Request) -> str:
    """The key that a request carries; empty for none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def no_key() -> Refusal:
    return Refusal("unauthorized", "the key is missing, wrong or revoked", "send it as `Authorization: Bearer KEY`")


def answering(endpoint: Endpoint, hosts: frozenset[str] | None) -> Endpoint:
    """The endpoint for requests to one of these Host headers; None for all."""

    async def checked(request: Request) -> Response:
        if hosts is not None and host_name(request.headers.get("host", "")) not in hosts:
            raise Refusal("forbidden", "this Host header is not answered", "call it by the address that it printed")
        return await endpoint(request)

    return checked


def create_app(service: Service, *, hosts: frozenset[str] | None) -> Starlette:
    """`hosts`: the Host headers answered, so that no web page gets in by a name it rebinds; None for all."""
    described = document()

    def caller_of(request: Request) -> tuple[Caller, str]:
        key = bearer(request)
        caller = service.keys.caller(key)
        if caller is None or caller.grants.site is not None:
            raise no_key()
        return caller, key

    def local(endpoint: Endpoint) -> Endpoint:
        return answering(endpoint, hosts)

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
