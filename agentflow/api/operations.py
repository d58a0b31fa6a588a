"""The table of operations: the routes are made of it, and the OpenAPI document."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agentflow.api import bodies as b
from agentflow.api.errors import kind_of
from agentflow.api.metrics import ApiMetrics
from agentflow.api.parsing import parse_body, parse_query
from agentflow.api.service import TYPES, Service
from agentflow.errors import AgentflowError, Unauthorized
from agentflow.identity.caller import Caller
from agentflow.identity.callers import Callers

Handler = Callable[..., Awaitable[BaseModel | Response]]
Write = Callable[[Request, "AuditedCall", str, int], Awaitable[None]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """`do` names a method of Service. `answer` is its model, or the media types of what is no JSON object of ours.
    `refusals` are the statuses beyond 400, 401 and 500, which every operation may end with. One that is `logged` is written
    down also when it is answered: it changes something, or hands out what documents say."""

    method: str
    path: str
    do: str
    summary: str
    answer: type[BaseModel] | tuple[str, ...]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()
    logged: bool = True


@dataclass(slots=True)
class AuditedCall:
    """What the audit log is told of a request: `asked` is the text of which it keeps the hash."""

    operation: str
    run: str = ""
    asked: str = ""
    caller: Caller | None = None


RUN = "/runs/{run}"
STREAM = ("text/event-stream",)
OPERATIONS = (
    Operation("POST", "/runs", "start", "Queue a run", b.RunView, body=b.StartBody, status=202, refusals=(403, 404, 409, 413, 429, 503)),
    Operation("GET", "/runs", "list", "List runs, the newest first", b.RunList, query=b.ListQuery, logged=False),
    Operation("GET", RUN, "show", "Where a run stands", b.RunView, refusals=(404,), logged=False),
    Operation("GET", f"{RUN}/events", "events", "Follow a run's events", STREAM, query=b.EventsQuery, refusals=(404, 503)),
    Operation("GET", f"{RUN}/report", "report", "What a run found", tuple(TYPES.values()), query=b.ReportQuery, refusals=(404, 409)),
    Operation("POST", f"{RUN}/answer", "answer", "Answer what a run asks", b.RunView, body=b.AnswerBody, status=202, refusals=(404, 409, 413, 429, 503)),
    Operation("POST", f"{RUN}/pause", "pause", "Stop a run where it is", b.RunView, status=202, refusals=(404, 409)),
    Operation("POST", f"{RUN}/resume", "resume", "Let a run go on", b.RunView, body=b.ResumeBody, status=202, refusals=(404, 409, 413, 429, 503)),
    Operation("POST", f"{RUN}/cancel", "cancel", "End a run for good", b.RunView, status=202, refusals=(404, 409)),
    Operation("POST", f"{RUN}/fork", "fork", "Queue a new run from a step of another", b.RunView, body=b.ForkBody, status=202, refusals=(403, 404, 409, 413, 429, 503)),
    Operation("POST", "/search", "search", "Find passages of the documents", b.Hits, body=b.SearchBody, refusals=(413, 503)),
    Operation("GET", "/graphs", "graphs", "What may be started", b.GraphNames, logged=False),
    Operation("GET", "/graphs/{graph}", "graph", "A graph's inputs and tools", b.GraphView, refusals=(404,), logged=False),
    Operation("GET", "/queue", "queue", "How many runs wait, run and were given up", b.QueueView, logged=False),
)  # fmt: skip


def routes(service: Service, callers: Callers, metrics: ApiMetrics, write: Write) -> Sequence[Route]:
    """One route a path, so that a refused method is told all that are allowed."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for item in OPERATIONS:
        by_path.setdefault(item.path, {})[item.method] = _endpoint(item, service, callers, metrics, write)
    return [Route(path, _by_method(endpoints), methods=list(endpoints)) for path, endpoints in by_path.items()]


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return endpoint


def _endpoint(operation: Operation, service: Service, callers: Callers, metrics: ApiMetrics, write: Write) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        call, began = AuditedCall(operation.do, run=request.path_params.get("run", "")), time.monotonic()
        outcome = "answered"
        try:
            call.caller = await known_caller(request, callers)
            response = await _answered(operation, service, callers, request, call)
            if operation.logged:
                await write(request, call, outcome, len(getattr(response, "body", b"")))
            return response
        except Exception as error:
            outcome = kind_of(error) if isinstance(error, AgentflowError) else "internal"
            await write(request, call, outcome, 0)
            raise
        finally:
            metrics.count(operation.do, outcome, time.monotonic() - began)

    return endpoint


async def known_caller(request: Request, callers: Callers) -> Caller:
    """Raises Unauthorized for nobody, and for a key of the site."""
    caller = await callers.caller(request)
    if caller.grants.site_only:
        raise Unauthorized
    return caller


async def _answered(
    operation: Operation, service: Service, callers: Callers, request: Request, call: AuditedCall
) -> Response:
    handler: Handler = getattr(service, operation.do)
    given: list[object] = [call.caller, *request.path_params.values()]
    if operation.body:
        body = await parse_body(request, operation.body)
        call.asked = body.model_dump_json(exclude_defaults=True)
        given.append(body)
    if operation.query:
        given.append(parse_query(request, operation.query))
    else:
        parse_query(request, b.Nothing)
    if operation.do == "events":
        given += [request.headers.get("last-event-id", ""), partial(_welcome, request, callers)]
    answer = await handler(*given)
    if isinstance(answer, Response):
        return answer
    call.run = answer.id if isinstance(answer, b.RunView) else call.run
    return JSONResponse(answer.model_dump(mode="json"), operation.status, headers={"Cache-Control": "no-store"})


async def _welcome(request: Request, callers: Callers) -> bool:
    """Whether the caller of a stream still is one: keys are revoked, tokens expire."""
    try:
        await known_caller(request, callers)
    except Unauthorized:
        return False
    return True
