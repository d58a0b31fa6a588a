"""Who may talk to the server: the right key, and a Host header that no rebinding web page can send."""

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from agentflow.serving.api.errors import ErrorResponse


class AuthMiddleware:
    """/health needs no key: it says no more than whether the server gets on."""

    def __init__(self, app: ASGIApp, api_key: str | None, hosts: frozenset[str] | None) -> None:
        self.app = app
        self.api_key = api_key
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self.hosts is not None and host_name(headers.get("host", "")) not in self.hosts:
            refusal = ErrorResponse("host_refused", "this Host header is not answered").response
        elif scope["path"] not in ("/health", "/v1/health") and not self._knows_key(headers):
            refusal = ErrorResponse("authentication", "wrong or missing API key").response
        else:
            await self.app(scope, receive, send)
            return
        await refusal(scope, receive, send)

    def _knows_key(self, headers: Headers) -> bool:
        """As a bearer token, or in the header that Anthropic's and Azure's clients use."""
        if self.api_key is None:
            return True
        given = headers.get("authorization") or f"Bearer {headers.get('x-api-key') or headers.get('api-key') or ''}"
        return secrets.compare_digest(given.encode(), f"Bearer {self.api_key}".encode())


def host_name(header: str) -> str:
    """Without the port; brackets of IPv6 stay."""
    if header.startswith("["):
        return header.split("]")[0] + "]"
    return header.split(":")[0].lower()
