"""How a request ends that is not answered: always with a status and an OpenAI-shaped body."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agentflow.errors import (
    AgentflowError,
    ContextOverflow,
    Forbidden,
    Overloaded,
    ShareSpent,
    Unauthorized,
    Unavailable,
)
from agentflow.serving.engine.request import Failed

RETRY_AFTER = 2  # seconds
KINDS = {  # of Failed and Failure: status, `type`, `code`
    "invalid_request": (400, "invalid_request_error", None),
    "context_overflow": (400, "exceed_context_size_error", "context_length_exceeded"),
    "authentication": (401, "authentication_error", "invalid_api_key"),
    "forbidden": (403, "permission_error", "forbidden"),
    "host_refused": (403, "invalid_request_error", "host_refused"),
    "model_not_found": (404, "invalid_request_error", "model_not_found"),
    "not_found": (404, "not_found_error", "not_found"),
    "method_not_allowed": (405, "invalid_request_error", "method_not_allowed"),
    "too_large": (413, "invalid_request_error", "request_too_large"),
    "share_spent": (429, "rate_limit_error", "share_spent"),
    "cancelled": (499, "cancelled", "cancelled"),
    "server_error": (500, "server_error", "server_error"),
    "unavailable": (503, "unavailable_error", "unavailable"),
    "overloaded": (503, "overloaded", "overloaded"),
    "timeout": (504, "timeout", "timeout"),
}

CALLERS = {
    Unauthorized: "authentication", Forbidden: "forbidden", ShareSpent: "share_spent", Overloaded: "overloaded"
}  # fmt: skip


class ErrorResponse(Exception):
    """Ends a request. `kind` is one of KINDS; `param` names the field that is wrong; `more` goes into the body."""

    def __init__(self, kind: str, message: str, param: str | None = None, more: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.param = param
        self.more = more or {}

    @property
    def body(self) -> dict[str, Any]:
        _, name, code = KINDS[self.kind]
        return {"error": {"message": self.message, "type": name, "param": self.param, "code": code, **self.more}}

    @property
    def response(self) -> Response:
        busy = self.kind in ("overloaded", "unavailable", "share_spent")
        headers = {"Retry-After": str(RETRY_AFTER)} if busy else None
        return JSONResponse(self.body, KINDS[self.kind][0], headers=headers)


def failure_of(error: AgentflowError | Failed) -> ErrorResponse:
    """An AgentflowError is the client's to mend, except that the queue is full or the worker gone."""
    if isinstance(error, Failed):
        return ErrorResponse(error.kind, error.message)
    message = f"{error.message} ({error.hint})" if error.hint else error.message
    if isinstance(error, ContextOverflow):
        return ErrorResponse("context_overflow", message, more={"n_prompt_tokens": error.tokens, "n_ctx": error.window})
    for kind, name in CALLERS.items():
        if isinstance(error, kind):
            return ErrorResponse(name, message)
    return ErrorResponse("unavailable" if isinstance(error, Unavailable) else "invalid_request", message)


async def respond(request: Request, error: Exception) -> Response:
    """For the errors that a handler raises on purpose."""
    if isinstance(error, HTTPException):
        kind = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
        where = f"{request.method} {request.url.path}"
        words = "there is no such route" if kind == "not_found" else error.detail
        return ErrorResponse(kind, f"{where}: {words}").response
    assert isinstance(error, ErrorResponse | AgentflowError)
    return (error if isinstance(error, ErrorResponse) else failure_of(error)).response


HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    ErrorResponse: respond,
    AgentflowError: respond,
    HTTPException: respond,
}
