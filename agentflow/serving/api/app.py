"""The HTTP face: OpenAI's routes over the models of one server, each with and without /v1."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agentflow.serving.api.errors import HANDLERS, ErrorResponse
from agentflow.serving.api.handlers import Handlers
from agentflow.serving.api.middleware import AuthMiddleware, CallerOf
from agentflow.serving.api.shield import Shield
from agentflow.serving.loaded_models import LoadedModels
from agentflow.telemetry.collector import Take, no_spans
from agentflow.telemetry.middleware import Traced

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(
    loaded: LoadedModels,
    *,
    api_key: str | None = None,
    hosts: frozenset[str] | None = None,
    caller_of: CallerOf | None = None,
    take: Take = no_spans,
) -> Starlette:
    """`hosts`: the Host headers answered; None for all (a Unix socket). `caller_of` knows callers with other keys than
    `api_key`. `take` gets the span of each request."""
    face = Handlers(loaded)
    got: dict[str, Endpoint] = {
        "/health": face.health,
        "/metrics": face.metrics,
        "/models": face.models,
        "/models/{name:path}": face.model,
    }
    posted: dict[str, Endpoint] = {
        "/chat/completions": face.chat,
        "/chat/completions/input_tokens": face.count_chat,
        "/completions": face.complete,
        "/responses": face.respond,
        "/responses/input_tokens": face.count_responses,
        "/embeddings": face.embed,
        "/tokenize": face.tokenize,
        "/detokenize": face.detokenize,
        "/cache/clear": face.clear_cache,
    }
    routes = [Route(at + path, endpoint) for path, endpoint in got.items() for at in ("/v1", "")]
    routes += [Route(at + path, endpoint, methods=["POST"]) for path, endpoint in posted.items() for at in ("/v1", "")]

    def fault(path: str, error: Exception) -> Response:
        face.faults.note(f"answering {path}", error)
        return ErrorResponse("server_error", f"{type(error).__name__}: {error}").response

    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    app.add_middleware(Shield, fault=fault)
    app.add_middleware(AuthMiddleware, api_key=api_key, hosts=hosts, caller_of=caller_of)
    if take is not no_spans:
        app.add_middleware(Traced, take=take)
    return app
