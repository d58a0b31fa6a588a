"""How a request ends that is not answered: a status and one shape, `{"error": {"kind", "message", "hint"}}`."""

import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agentflow.errors import AgentflowError, Forbidden, Overloaded, ShareSpent, StoreFailed, Unauthorized, Unavailable
from agentflow.runs.errors import Held

RETRY_AFTER = 5  # seconds
STATUS = {
    "invalid": 400, "unauthorized": 401, "forbidden": 403, "not_found": 404, "method_not_allowed": 405, "conflict": 409,
    "too_large": 413, "share_spent": 429, "internal": 500, "unavailable": 503, "queue_full": 503,
}  # fmt: skip


class Refusal(AgentflowError):
    """`kind` is one of STATUS."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind


def kind_of(error: AgentflowError) -> str:
    match error:
        case Refusal():
            return error.kind
        case Unauthorized():
            return "unauthorized"
        case Forbidden():
            return "forbidden"
        case ShareSpent():
            return "share_spent"
        case Overloaded():
            return "queue_full"
        case Held():
            return "conflict"
        case Unavailable() | StoreFailed():
            return "unavailable"
    return "invalid"


def response(kind: str, message: str, hint: str = "") -> Response:
    headers = {"Retry-After": str(RETRY_AFTER)} if STATUS[kind] in (429, 503) else {}
    if kind == "unauthorized":
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        {"error": {"kind": kind, "message": message, "hint": hint}},
        STATUS[kind],
        headers={**headers, "Cache-Control": "no-store"},
    )


async def refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, AgentflowError)
    return response(kind_of(error), error.message, error.hint)


async def refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid")
    answer = response(
        kind, f"{request.method} {request.url.path}: {error.detail}", "see /openapi.json for what there is"
    )
    answer.headers.update(error.headers or {})
    return answer


HANDLERS: dict[Any, Any] = {AgentflowError: refuse, HTTPException: refuse_route}


def fault(path: str, error: Exception) -> Response:
    """For an error that nobody expected."""
    logging.getLogger("agentflow.api").exception("answering %s", path)
    return response("internal", f"{type(error).__name__} while answering", "this is a bug; its traceback is in the log")
