"""The table of operations: the routes are made of it, and the OpenAPI document."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agentflow.api import bodies as b
from agentflow.api.grants import Caller
from agentflow.api.parsing import parse_body, parse_query
from agentflow.api.service import TYPES, Service

Handler = Callable[..., Awaitable[BaseModel | Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """`do` names a method of Service. `answer` is its model, or the media types of what is no JSON object of ours.
    `refusals` are the statuses beyond 400, 401 and 500, which every operation may end with."""

    method: str
    path: str
    do: str
    summary: str
    answer: type[BaseModel] | tuple[str, ...]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()


RUN = "/runs/{run}"
STREAM = ("text/event-stream",)
OPERATIONS = (
    Operation("POST", "/runs", "start", "Queue a run", b.RunView, body=b.StartBody, status=202, refusals=(403, 404, 409, 413, 429, 503)),
    Operation("GET", "/runs", "list", "List runs, the newest first", b.RunList, query=b.ListQuery),
    Operation("GET", RUN, "show", "Where a run stands", b.RunView, refusals=(404,)),
    Operation("GET", f"{RUN}/events", "events", "Follow a run's events", STREAM, query=b.EventsQuery, refusals=(404, 503)),
    Operation("GET", f"{RUN}/report", "report", "What a run found", tuple(TYPES.values()), query=b.ReportQuery, refusals=(404, 409)),
    Operation("POST", f"{RUN}/answer", "answer", "Answer what a run asks", b.RunView, body=b.AnswerBody, status=202, refusals=(404, 409, 413, 429, 503)),
    Operation("POST", f"{RUN}/pause", "pause", "Stop a run where it is", b.RunView, status=202, refusals=(404, 409)),
    Operation("POST", f"{RUN}/resume", "resume", "Let a run go on", b.RunView, body=b.ResumeBody, status=202, refusals=(404, 409, 413, 429, 503)),
    Operation("POST", f"{RUN}/cancel", "cancel", "End a run for good", b.RunView, status=202, refusals=(404, 409)),
    Operation("POST", f"{RUN}/fork", "fork", "Queue a new run from a step of another", b.RunView, body=b.ForkBody, status=202, refusals=(403, 404, 409, 413, 429, 503)),
    Operation("POST", "/search", "search", "Find passages of the documents", b.Hits, body=b.SearchBody, refusals=(413, 503)),
    Operation("GET", "/graphs", "graphs", "What may be started", b.GraphNames),
    Operation("GET", "/graphs/{graph}", "graph", "A graph's inputs and tools", b.GraphView, refusals=(404,)),
    Operation("GET", "/queue", "queue", "How many runs wait, run and were given up", b.QueueView),
)  # fmt: skip


def routes(service: Service, caller_of: Callable[[Request], tuple[Caller, str]]) -> Sequence[Route]:
    """One route a path, so that a refused method is told all that are allowed."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for item in OPERATIONS:
        by_path.setdefault(item.path, {})[item.method] = _endpoint(item, service, caller_of)
    return [Route(path, _by_method(endpoints), methods=list(endpoints)) for path, endpoints in by_path.items()]


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return endpoint


def _endpoint(
    operation: Operation, service: Service, caller_of: Callable[[Request], tuple[Caller, str]]
) -> Callable[[Request], Awaitable[Response]]:
    handler: Handler = getattr(service, operation.do)

    async def endpoint(request: Request) -> Response:
        caller, key = caller_of(request)
        given: list[object] = [caller]
        if operation.do == "events":
            given.append(key)
        given += request.path_params.values()
        if operation.body:
            given.append(await parse_body(request, operation.body))
        given += [parse_query(request, operation.query)] if operation.query else []
        if not operation.query:
            parse_query(request, b.Nothing)
        if operation.do == "events":
            given.append(request.headers.get("last-event-id", ""))
        answer = await handler(*given)
        if isinstance(answer, Response):
            return answer
        return JSONResponse(answer.model_dump(mode="json"), operation.status, headers={"Cache-Control": "no-store"})

    return endpoint
