"""The terminal UI in a browser of this machine: textual-serve on loopback, for whoever has the key of the printed URL."""

import hmac
import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from aiohttp import web

HOST = "127.0.0.1"
COOKIE = "agentflow-key"


def serve(project: Path | None, port: int) -> None:
    """Until ctrl+c. Raises AgentflowError without textual-serve, or for a port that is taken."""
    try:
        from textual_serve.server import Server
    except ImportError:
        raise AgentflowError("the browser view needs textual-serve", "pip install 'agentflow[web]'") from None
    key = secrets.token_urlsafe(24)

    class LocalServer(Server):
        async def _make_app(self) -> "web.Application":
            app: web.Application = await super()._make_app()
            app.middlewares.append(guard(key, port))
            return app

        async def on_startup(self, app: "web.Application") -> None:
            print(f"open http://{HOST}:{port}/?key={key}\nctrl+c ends it", flush=True)

    command = [sys.executable, "-m", "agentflow", "tui", *(["--project", str(project)] if project else [])]
    try:
        LocalServer(shlex.join(command), host=HOST, port=port, title="agentflow").serve()
    except OSError as error:
        raise AgentflowError(f"port {port} cannot be used ({error.strerror})", "name another with --port") from error


def guard(key: str, port: int) -> Callable[..., Awaitable["web.StreamResponse"]]:
    """Lets in who knows the key, and no page of another site: it could type into the terminal otherwise."""
    from aiohttp import web

    hosts = {f"{HOST}:{port}", f"localhost:{port}"}
    # The page asks for a font of another machine; the browser must not fetch it.
    policy = f"default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' data: blob:; connect-src 'self' ws://{HOST}:{port}"

    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if request.host not in hosts or (origin and origin.removeprefix("http://") not in hosts):
            raise web.HTTPForbidden(text="this is served to this machine only")
        given = request.query.get("key", "") or request.cookies.get(COOKIE, "")
        if not request.path.startswith("/static/") and not hmac.compare_digest(given.encode(), key.encode()):
            raise web.HTTPForbidden(text="open the address that agentflow printed: it holds a key")
        response = await handler(request)
        if request.path == "/":
            response.headers["Content-Security-Policy"] = policy
            response.set_cookie(COOKIE, key, httponly=True, samesite="Strict")
        return response

    return middleware
