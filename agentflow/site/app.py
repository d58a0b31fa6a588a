"""The site's application: who calls, four routes, and a row of the audit log for each request, before anything leaves."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agentflow.api.app import answering, bearer, no_key
from agentflow.api.errors import HANDLERS, fault, kind_of
from agentflow.api.grants import Caller, Grants
from agentflow.api.keys import Keys
from agentflow.api.parsing import parse_body
from agentflow.errors import AgentflowError
from agentflow.federation.settings import Grant, Serve
from agentflow.federation.wire import Asked, EvidenceAsked, SearchAsked, VerdictsAsked
from agentflow.serving.api.shield import Shield
from agentflow.site.audit import Audit
from agentflow.site.service import Answer, Service, counted

NOBODY = "unknown"
Answers = Callable[..., Awaitable[Answer]]


def create_app(service: Service, keys: Keys, audit: Audit, *, hosts: frozenset[str] | None) -> Starlette:
    """`hosts`: the Host headers answered; None for all."""

    def route(method: str, path: str, answers: Answers, kind: type[Asked] | None = None) -> Route:
        async def endpoint(request: Request) -> Response:
            name, asked = NOBODY, None
            try:
                caller = caller_of(request, service.policy, keys)
                name = caller.name
                asked = await parse_body(request, kind) if kind else None
                answer = await (answers(caller, asked) if asked else answers(caller))
            except Exception as error:
                who = name if name != NOBODY else claimed(request)
                outcome = kind_of(error) if isinstance(error, AgentflowError) else "internal"
                audit.write(who, path[1:], asked.text if asked else "", outcome)
                raise
            data = answer.model_dump_json().encode()
            audit.write(name, path[1:], asked.text if asked else "", items=counted(answer), size=len(data))
            return Response(data, media_type="application/json", headers={"Cache-Control": "no-store"})

        return Route(path, answering(endpoint, hosts), methods=[method])

    app = Starlette(
        routes=[
            route("GET", "/site", service.site),
            route("POST", "/search", service.search, SearchAsked),
            route("POST", "/evidence", service.evidence, EvidenceAsked),
            route("POST", "/verdicts", service.verdicts, VerdictsAsked),
        ],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    app.add_middleware(Shield, fault=fault)
    return app


def caller_of(request: Request, policy: Serve, keys: Keys) -> Caller:
    """By the key, else by the name in the certificate. Raises Refusal for a wrong key, and for nobody."""
    if key := bearer(request):
        caller = keys.caller(key)
        if caller is None or caller.grants.site is None:
            raise no_key()
        return caller
    if name := getattr(request.state, "peer", ""):
        return Caller(name, grants=Grants(site=policy.callers.get(name, Grant())))
    raise no_key()


def claimed(request: Request) -> str:
    """Of a key that is not accepted, its public part: whose it was is in `agentflow site keys list`."""
    id = bearer(request).split("_")[1:2]
    return f"key {id[0][:8]}" if id and id[0].isalnum() else NOBODY
