"""Who may talk to the server: the right key, and a Host header that no rebinding web page can send."""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from agentflow.errors import AgentflowError
from agentflow.serving.api.errors import ErrorResponse, failure_of


class ServedCaller(Protocol):
    """Somebody beside the holder of the server's own key, with grants; one object a caller, over all their requests."""

    def asking(self) -> AbstractContextManager[None]:
        """Around a request. Raises ShareSpent when as many run at once, or as many tokens were spent, as they may."""
        ...

    def require(self, model: str) -> None:
        """Raises Forbidden for a model that is not granted."""
        ...

    def spend(self, tokens: int) -> None: ...


# By the key or token that is shown, and the name in the certificate; raises AgentflowError for what is not accepted.
CallerOf = Callable[[str, str], Awaitable[ServedCaller]]


class AuthMiddleware:
    """/health needs no key: it says no more than whether the server gets on. `caller_of` knows others' keys, tokens and
    certificates."""

    def __init__(
        self, app: ASGIApp, api_key: str | None, hosts: frozenset[str] | None, caller_of: CallerOf | None = None
    ) -> None:
        self.app = app
        self.api_key = api_key
        self.hosts = hosts
        self.caller_of = caller_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            if self.hosts is not None and host_name(headers.get("host", "")) not in self.hosts:
                raise ErrorResponse("host_refused", "this Host header is not answered")
            shown = shown_by(headers)
            open_to_all = self.api_key is None or scope["path"] in ("/health", "/v1/health")
            if open_to_all or secrets.compare_digest(shown.encode(), str(self.api_key).encode()):
                await self.app(scope, receive, send)
                return
            if self.caller_of is None:
                raise ErrorResponse("authentication", "wrong or missing API key")
            state = scope.setdefault("state", {})
            caller = await self.caller_of(shown, state.get("peer", ""))
            with caller.asking():
                state["caller"] = caller
                await self.app(scope, receive, send)
        except ErrorResponse as error:
            await error.response(scope, receive, send)
        except AgentflowError as error:
            await failure_of(error).response(scope, receive, send)


def shown_by(headers: Headers) -> str:
    """The key or token, as a bearer token or in the header that Anthropic's and Azure's clients use."""
    given = headers.get("authorization") or f"Bearer {headers.get('x-api-key') or headers.get('api-key') or ''}"
    return given[len("Bearer ") :] if given.startswith("Bearer ") else ""


def caller_of(request: Request) -> ServedCaller | None:
    """None for the holder of the server's own key, who may do everything."""
    return getattr(request.state, "caller", None)


def host_name(header: str) -> str:
    """Without the port; brackets of IPv6 stay."""
    if header.startswith("["):
        return header.split("]")[0] + "]"
    return header.split(":")[0].lower()
