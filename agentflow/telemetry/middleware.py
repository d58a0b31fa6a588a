"""A span for each request that a server answers, within the trace of whoever asks."""

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentflow.telemetry import traceparent
from agentflow.telemetry.collector import Take
from agentflow.telemetry.span import Span
from agentflow.telemetry.traceparent import Traceparent

UNTOLD = ("/health", "/metrics")  # asked for all the time, by machines


class Traced:
    """Outside all else. A handler puts what it knows of the work into `request.state.traced`, a dict of attributes."""

    def __init__(self, app: ASGIApp, take: Take) -> None:
        self.app = app
        self.take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].removeprefix("/v1") in UNTOLD:
            await self.app(scope, receive, send)
            return
        parent = traceparent.parse(Headers(scope=scope).get(traceparent.HEADER, ""))
        here = parent.child() if parent else traceparent.new()
        traced: dict[str, str | int] = {}
        scope.setdefault("state", {})["traced"] = traced
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.time()
        try:
            with traceparent.within(here):
                await self.app(scope, receive, watched)
        finally:
            self.take([_span(scope, here, parent, began, status, traced)])


def _span(
    scope: Scope, here: Traceparent, parent: Traceparent | None, began: float, status: int, traced: dict[str, str | int]
) -> Span:
    """By HTTP's conventions; the name and the route hold no value of a person's."""
    route = scope["path"] if "endpoint" in scope else ""
    for name, value in scope.get("path_params", {}).items():
        route = route.replace(str(value), f"{{{name}}}")
    attributes: dict[str, str | int] = {"http.request.method": scope["method"], **traced}
    attributes |= {"http.route": route} if route else {}
    attributes |= {"http.response.status_code": status} if status else {}
    error = str(status or "disconnected") if status == 0 or status >= 500 else ""
    return Span(f"{scope['method']} {route}".strip(), "server", here, parent, began, time.time(), attributes, error)
