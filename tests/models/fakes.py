"""HTTP servers on loopback that behave like Ollama, or like nothing anybody would want."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The base URL (`.../v1`) while the app runs on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.force_exit = server.should_exit = True
        await task


def sse(*chunks: Any) -> AsyncIterator[str]:
    """Server-sent events; a str is sent as it is, a float is a pause."""

    async def stream() -> AsyncIterator[str]:
        for chunk in chunks:
            if isinstance(chunk, float):
                await asyncio.sleep(chunk)
            else:
                yield chunk if isinstance(chunk, str) else f"data: {json.dumps(chunk)}\n\n"

    return stream()


def delta(reason: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": fields, "finish_reason": reason}]}  # fmt: skip


def usage(prompt: int, completion: int) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": counts}


DONE = "data: [DONE]\n\n"
Handler = Callable[[dict[str, Any]], Response | Awaitable[Response]]


def application(answer: Handler, *more: Route, models: list[dict[str, Any]] | None = None) -> Starlette:
    """An OpenAI server of one model `m` whose chat completions come from `answer(body)`."""

    async def chat(request: Request) -> Response:
        response = answer(await request.json())
        return response if isinstance(response, Response) else await response

    async def listed(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": models or [{"id": "m", "object": "model"}]})

    routes = [Route("/v1/chat/completions", chat, methods=["POST"]), Route("/v1/models", listed), *more]
    return Starlette(routes=routes)


class Ollama:
    """Answers in canned words; cuts prompts at `window` tokens (words) without saying so."""

    def __init__(self, window: int = 4096) -> None:
        self.window = window
        self.bodies: list[dict[str, Any]] = []

    def app(self) -> Starlette:
        async def version(request: Request) -> Response:
            return JSONResponse({"version": "0.30.1"})

        async def loaded(request: Request) -> Response:
            return JSONResponse({"models": [{"name": "m", "context_length": self.window}]})

        async def embed(request: Request) -> Response:
            body = await request.json()
            rows = [{"index": i, "object": "embedding", "embedding": [float(len(text)), 3.0, 4.0]}
                    for i, text in enumerate(body["input"])]  # fmt: skip
            return JSONResponse({"object": "list", "data": rows, "model": "m",
                                 "usage": {"prompt_tokens": 1, "total_tokens": 1}})  # fmt: skip

        return application(
            self.answer,
            Route("/api/version", version),
            Route("/api/ps", loaded),
            Route("/v1/embeddings", embed, methods=["POST"]),
            models=[{"id": "m", "object": "model", "owned_by": "library"}],
        )

    def answer(self, body: dict[str, Any]) -> Response:
        self.bodies.append(body)
        words = sum(len(message["content"].split()) for message in body["messages"]) + 4
        form = body.get("response_format", {}).get("json_schema", {}).get("schema")
        if form is not None and form.get("type") not in ("object", "array", "string"):
            return JSONResponse(
                {"error": {"message": "invalid JSON schema in format", "type": "invalid_request_error"}}, 400
            )
        if body.get("tools"):
            function = {"name": body["tools"][0]["function"]["name"], "arguments": {"city": "Oslo"}}
            call = {"index": 0, "id": "call_1", "type": "function", "function": function}
            events: list[Any] = [delta(tool_calls=[call]), delta("tool_calls")]
        elif form is not None:
            events = [delta(content='{"colour": '), delta(content='"red"}'), delta("stop")]
        else:
            thought = [delta(reasoning="The user greets. ")]
            said = [part for _ in range(min(400, body["max_tokens"])) for part in (delta(content="hello "), 0.003)]
            events = [*thought, *said, delta("length" if body["max_tokens"] <= 400 else "stop")]
        events.append(usage(min(words, self.window), body["max_tokens"]))
        return StreamingResponse(sse(*events, DONE), media_type="text/event-stream")
