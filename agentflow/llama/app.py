"""The HTTP face: OpenAI's routes over the models of one server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from agentflow.llama import replies
from agentflow.llama.answer import AnswerParser
from agentflow.llama.chat_model import ChatModel, Prepared
from agentflow.llama.faults import Faults
from agentflow.llama.guard import Guard
from agentflow.llama.house import House
from agentflow.llama.job import Event, Failed, Finished, Piece
from agentflow.llama.metrics import exposition
from agentflow.llama.openai_api import ChatAsk, CompletionAsk, EmbeddingAsk, TokenizeAsk
from agentflow.llama.refusals import HANDLERS, Failure, Shield, failure_of

MAX_BODY = 64 << 20  # bytes
Ask = TypeVar("Ask", bound=BaseModel)
Model = TypeVar("Model")


def create_app(house: House, *, api_key: str | None = None, hosts: frozenset[str] | None = None) -> Starlette:
    """`hosts`: the Host headers answered; None for all (a Unix socket)."""
    face = Face(house)
    app = Starlette(
        routes=[
            Route("/health", face.health),
            Route("/v1/models", face.models),
            Route("/v1/chat/completions", face.chat, methods=["POST"]),
            Route("/v1/completions", face.complete, methods=["POST"]),
            Route("/v1/embeddings", face.embed, methods=["POST"]),
            Route("/tokenize", face.tokenize, methods=["POST"]),
            Route("/metrics", face.metrics),
            Route("/cache/clear", face.clear_cache, methods=["POST"]),
        ],
        exception_handlers=HANDLERS,
    )
    app.add_middleware(Shield, faults=face.faults)
    app.add_middleware(Guard, api_key=api_key, hosts=hosts)
    return app


async def parse(request: Request, kind: type[Ask]) -> Ask:
    """Raises Failure with the first thing that is wrong."""
    return validated(kind.model_validate_json, await read_body(request))


async def read_body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise Failure("too_large", f"the body is larger than {MAX_BODY >> 20} MiB")
    return bytes(body)


def validated(validate: Callable[[Any], Ask], data: Any) -> Ask:
    """Raises Failure with the first thing that is wrong."""
    try:
        return validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Failure("invalid_request", f"{place or 'body'}: {first['msg']}", place or None) from error


class Channel:
    """Events of one job, from the engine's thread into this loop."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue()

    def put_nowait(self, event: Event) -> None:
        self.queue.put_nowait(event)


class Face:
    def __init__(self, house: House) -> None:
        self.house = house
        self.started = int(time.time())
        self.faults = Faults()

    def chat_model(self, name: str) -> ChatModel:
        return self._pick(self.house.chats, name)

    def _pick(self, known: dict[str, Model], name: str) -> Model:
        """No name means the first model. Raises Failure 404 with the known names."""
        if not name and known:
            return next(iter(known.values()))
        if name not in known:
            raise Failure("model_not_found", f"no model {name!r} here; known: {', '.join(known) or 'none'}")
        return known[name]

    async def health(self, request: Request) -> Response:
        """200 while every worker gets on; 503 with the reason when one does not."""
        troubles = self.house.troubles()
        if not troubles:
            return JSONResponse({"status": "ok"})
        failure = Failure("unavailable", "; ".join(f"{name}: {words}" for name, words in troubles.items()))
        return JSONResponse({"status": "stuck", **failure.body}, 503)

    async def models(self, request: Request) -> Response:
        return JSONResponse(replies.models(self.house, self.started))

    async def metrics(self, request: Request) -> Response:
        return PlainTextResponse(exposition(self.house), media_type="text/plain; version=0.0.4")

    async def clear_cache(self, request: Request) -> Response:
        """Forgets every prefix that no running answer needs. `clean`: llama.cpp holds nothing else either."""
        engines = {name: chat.engine for name, chat in self.house.chats.items()}
        clean = {name: await asyncio.wrap_future(e.call(e.residents.forget_idle)) for name, e in engines.items()}
        cells = {name: engine.residents.tree.size for name, engine in engines.items()}
        return JSONResponse({name: {"clean": clean[name], "cells_used": cells[name]} for name in engines})

    async def tokenize(self, request: Request) -> Response:
        ask = await parse(request, TokenizeAsk)
        if ask.model in self.house.embedders:
            tokens = self.house.embedders[ask.model].tokenize(ask.content or "")
        elif ask.messages is not None:
            whole = validated(ChatAsk.model_validate, {"messages": ask.messages, "tools": ask.tools})
            model = self.chat_model(ask.model)
            tokens, _ = await run_in_threadpool(model.prompt, whole.messages, whole.tools or [], {})
        else:
            tokens = await run_in_threadpool(self.chat_model(ask.model).vocab.tokenize, ask.content or "")
        return JSONResponse({"count": len(tokens), "tokens": tokens})

    async def embed(self, request: Request) -> Response:
        ask = await parse(request, EmbeddingAsk)
        embedder = self._pick(self.house.embedders, ask.model)
        inputs: list[Any] = [ask.input] if isinstance(ask.input, str) else list(ask.input)
        if not inputs:
            raise Failure("invalid_request", "input: must not be empty")
        if isinstance(inputs[0], int):
            inputs = [inputs]
        texts = [embedder.tokenize(item) if isinstance(item, str) else item[: embedder.window] for item in inputs]
        if any(not text or not all(0 <= token < embedder.vocab.size for token in text) for text in texts):
            raise Failure("invalid_request", "input: a token is not in the vocabulary")
        vectors = await asyncio.wrap_future(embedder.submit(texts))
        name = ask.model or next(iter(self.house.embedders))
        return Response(
            replies.embeddings(name, vectors, sum(map(len, texts)), ask.encoding_format), media_type="application/json"
        )

    async def chat(self, request: Request) -> Response:
        ask = await parse(request, ChatAsk)
        model = self.chat_model(ask.model)
        channel = Channel()
        prepared = await run_in_threadpool(model.chat, ask, channel)
        usage_asked = bool((ask.stream_options or {}).get("include_usage"))
        reply = replies.ChatReply(model.name, model.vocab, include_usage=usage_asked)
        return await self._answer(request, model, prepared, channel, reply, ask.stream)

    async def complete(self, request: Request) -> Response:
        ask = await parse(request, CompletionAsk)
        model = self.chat_model(ask.model)
        channel = Channel()
        prepared = await run_in_threadpool(model.complete, ask, channel)
        usage_asked = bool((ask.stream_options or {}).get("include_usage"))
        reply = replies.CompletionReply(model.name, model.vocab, include_usage=usage_asked)
        return await self._answer(request, model, prepared, channel, reply, ask.stream)

    async def _answer(
        self,
        request: Request,
        model: ChatModel,
        prepared: Prepared,
        channel: Channel,
        reply: "replies.Reply",
        stream: bool,
    ) -> Response:
        model.engine.submit(prepared.job)
        if stream:
            first = await self._first(request, model, prepared, channel)
            events = self._stream(model, prepared, channel, reply, first)
            return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        watcher = asyncio.create_task(on_disconnect(request, lambda: model.engine.cancel(prepared.job)))
        try:
            while True:
                event = await channel.queue.get()
                if isinstance(event, Failed):
                    raise failure_of(event)
                collect(reply, prepared.parser, event)
                if isinstance(event, Finished):
                    return JSONResponse(reply.body(event))
        finally:
            watcher.cancel()
            model.engine.cancel(prepared.job)

    async def _first(self, request: Request, model: ChatModel, prepared: Prepared, channel: Channel) -> Event:
        """Waits for the first event, so that what fails before the first token has an honest status."""
        watcher = asyncio.create_task(on_disconnect(request, lambda: model.engine.cancel(prepared.job)))
        try:
            event = await channel.queue.get()
        except asyncio.CancelledError:
            model.engine.cancel(prepared.job)
            raise
        finally:
            watcher.cancel()
        if isinstance(event, Failed):
            raise failure_of(event)
        return event

    async def _stream(
        self, model: ChatModel, prepared: Prepared, channel: Channel, reply: "replies.Reply", event: Event
    ) -> AsyncIterator[bytes]:
        """Server-sent events. A client that goes away cancels its job."""
        try:
            for chunk in reply.opening():
                yield sse(chunk)
            while True:
                if isinstance(event, Failed):
                    yield sse(failure_of(event).body)
                    return
                for chunk in reply.chunks(prepared.parser, event):
                    yield sse(chunk)
                if isinstance(event, Finished):
                    yield b"data: [DONE]\n\n"
                    return
                event = await channel.queue.get()
        finally:
            model.engine.cancel(prepared.job)


def collect(reply: "replies.Reply", parser: AnswerParser, event: Event) -> None:
    if isinstance(event, Piece):
        reply.add(parser.push(event.text), event.logprobs)
    else:
        reply.add(parser.close(), ())


async def on_disconnect(request: Request, then: Callable[[], None]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    then()


def sse(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
