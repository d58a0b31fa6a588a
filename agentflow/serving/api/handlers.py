"""What each route does."""

import asyncio
import time
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from agentflow.errors import Forbidden
from agentflow.serving.api import listing
from agentflow.serving.api.chat_response import ChatResponse
from agentflow.serving.api.choice import Choice
from agentflow.serving.api.completion_response import CompletionResponse
from agentflow.serving.api.errors import ErrorResponse
from agentflow.serving.api.exchange import Exchange
from agentflow.serving.api.metrics import exposition
from agentflow.serving.api.middleware import caller_of
from agentflow.serving.api.parsing import parse, parse_object, validated
from agentflow.serving.api.response import GenerationResponse
from agentflow.serving.api.responses_protocol import ResponsesRequest
from agentflow.serving.api.responses_response import ResponsesResponse
from agentflow.serving.chat_model import ChatModel
from agentflow.serving.engine.error_log import ErrorLog
from agentflow.serving.loaded_models import LoadedModels
from agentflow.serving.protocol import (
    ChatRequest,
    CompletionRequest,
    DetokenizeRequest,
    EmbeddingRequest,
    TokenizeRequest,
)
from agentflow.serving.text.vocab import Vocab

Model = TypeVar("Model")


class Handlers:
    def __init__(self, loaded: LoadedModels) -> None:
        self.loaded = loaded
        self.started = int(time.time())
        self.faults = ErrorLog()

    def chat_model(self, name: str) -> ChatModel:
        return self._pick(self.loaded.chats, name)

    async def _asked(self, request: Request, name: str) -> ChatModel:
        """With its engine at work. Raises Forbidden for a model that the caller has no grant for."""
        model = self.chat_model(name)
        if caller := caller_of(request):
            caller.require(model.name)
        if model.opened is None:
            await run_in_threadpool(lambda: model.engine)
        return model

    def _pick(self, known: dict[str, Model], name: str) -> Model:
        """No name means the first model. Raises ErrorResponse with the known names: 404, or 400 for a model that does
        other things."""
        name = self.loaded.aliases.get(name, name)
        if not name and known:
            return next(iter(known.values()))
        if name not in known:
            others = {
                **dict.fromkeys(self.loaded.chats, "a chat"),
                **dict.fromkeys(self.loaded.embedders, "an embedding"),
            }
            if name in others:
                words = f"{name!r} is {others[name]} model; for this request: {', '.join(known) or 'none here'}"
                raise ErrorResponse("invalid_request", words, "model")
            raise ErrorResponse(
                "model_not_found", f"no model {name!r} here; known: {', '.join(known) or 'none'}", "model"
            )
        return known[name]

    # What the server says of itself

    async def health(self, request: Request) -> Response:
        """200 while every worker gets on; 503 with the reason when one does not."""
        troubles = self.loaded.troubles()
        if not troubles:
            return JSONResponse({"status": "ok"})
        failure = ErrorResponse("unavailable", "; ".join(f"{name}: {words}" for name, words in troubles.items()))
        return JSONResponse({"status": "stuck", **failure.body}, 503)

    async def models(self, request: Request) -> Response:
        return JSONResponse(listing.models(self.loaded, self.started))

    async def model(self, request: Request) -> Response:
        asked = request.path_params["name"]
        name = self.loaded.aliases.get(asked, asked)
        known = {model["id"]: model for model in listing.models(self.loaded, self.started)["data"]}
        if name not in known:
            raise ErrorResponse("model_not_found", f"no model {asked!r} here; known: {', '.join(known)}", "model")
        return JSONResponse(known[name])

    async def metrics(self, request: Request) -> Response:
        return PlainTextResponse(exposition(self.loaded), media_type="text/plain; version=0.0.4")

    async def clear_cache(self, request: Request) -> Response:
        """Forgets every prefix that no running answer needs, saved ones too. `clean`: llama.cpp holds nothing else either."""
        if caller_of(request):
            raise Forbidden("only the holder of the server's own key may do that", "ask whoever runs it")
        engines = self.loaded.engines
        clean = {name: await asyncio.wrap_future(e.call(e.kv_cache.forget)) for name, e in engines.items()}
        cells = {name: engine.kv_cache.tree.size for name, engine in engines.items()}
        return JSONResponse({name: {"clean": clean[name], "cells_used": cells[name]} for name in engines})

    # Tokens and vectors

    async def tokenize(self, request: Request) -> Response:
        ask = await parse(request, TokenizeRequest)
        if ask.messages is not None:
            body = {"messages": ask.messages, "tools": ask.tools}
            tokens, _ = await run_in_threadpool(
                self.chat_model(ask.model).prompt, validated(ChatRequest.model_validate, body)
            )
            vocab = self.chat_model(ask.model).vocab
        else:
            vocab = self._vocab(ask.model)
            tokens = await run_in_threadpool(self._tokens, ask, vocab)
        if ask.with_pieces:
            pieces = [{"id": token, "piece": piece_text(vocab.pieces[token])} for token in tokens]
            return JSONResponse({"count": len(tokens), "tokens": pieces})
        return JSONResponse({"count": len(tokens), "tokens": tokens})

    def _vocab(self, name: str) -> Vocab:
        name = self.loaded.aliases.get(name, name)
        return self.loaded.embedders[name].vocab if name in self.loaded.embedders else self.chat_model(name).vocab

    def _tokens(self, ask: TokenizeRequest, vocab: Vocab) -> list[int]:
        embedder = self.loaded.embedders.get(self.loaded.aliases.get(ask.model, ask.model))
        content = ask.content or ""
        if embedder is not None:
            return embedder.tokenize(content)
        tokens = vocab.tokenize(content)
        return [vocab.bos, *tokens] if ask.add_special and vocab.add_bos else tokens

    async def detokenize(self, request: Request) -> Response:
        ask = await parse(request, DetokenizeRequest)
        vocab = self._vocab(ask.model)
        if any(not 0 <= token < vocab.size for token in ask.tokens):
            raise ErrorResponse("invalid_request", "tokens: one is not in the vocabulary", "tokens")
        return JSONResponse({"content": vocab.decode(ask.tokens)})

    async def count_chat(self, request: Request) -> Response:
        return await self._count(await parse(request, ChatRequest))

    async def count_responses(self, request: Request) -> Response:
        given = await parse_object(request)
        return await self._count(validated(validated(ResponsesRequest.model_validate, given).chat, given))

    async def _count(self, ask: ChatRequest) -> Response:
        tokens, _ = await run_in_threadpool(self.chat_model(ask.model).prompt, ask)
        return JSONResponse({"object": "response.input_tokens", "input_tokens": len(tokens)})

    async def embed(self, request: Request) -> Response:
        ask = await parse(request, EmbeddingRequest)
        embedder = self._pick(self.loaded.embedders, ask.model)
        if not ask.inputs:
            raise ErrorResponse("invalid_request", "input: must not be empty", "input")
        if ask.dimensions not in (None, embedder.width):
            raise ErrorResponse(
                "invalid_request", f"dimensions: the vectors of this model have {embedder.width}", "dimensions"
            )
        texts = await run_in_threadpool(embedder.tokens, ask.inputs)
        if any(not text or not all(0 <= token < embedder.vocab.size for token in text) for text in texts):
            raise ErrorResponse("invalid_request", "input: a token is not in the vocabulary", "input")
        name = ask.model or next(iter(self.loaded.embedders))
        if caller := caller_of(request):
            caller.require(self.loaded.aliases.get(name, name))
            caller.spend(sum(map(len, texts)))
        vectors = await asyncio.wrap_future(embedder.submit(texts))
        body = listing.embeddings(name, vectors, sum(map(len, texts)), ask.encoding_format)
        return Response(body, media_type="application/json")

    # Answers

    async def chat(self, request: Request) -> Response:
        ask = await parse(request, ChatRequest)
        model = await self._asked(request, ask.model)
        exchange = Exchange(request, model, ask.n, self.faults)
        prepared = await run_in_threadpool(model.chat, ask, exchange.taps)
        choices = [Choice(one.parser, model.vocab) for one in prepared]
        reply = ChatResponse(model.name, choices, scored=ask.logprobs, include_usage=ask.include_usage)
        model.engine.submit(*exchange.jobs(prepared))
        return await self._answer(exchange, reply, ask.stream)

    async def complete(self, request: Request) -> Response:
        ask = await parse(request, CompletionRequest)
        model = await self._asked(request, ask.model)
        exchange = Exchange(request, model, ask.n * len(ask.prompts), self.faults)
        prepared = await run_in_threadpool(model.complete, ask, exchange.taps)
        model.engine.submit(*exchange.jobs(prepared))
        reply = CompletionResponse(
            model.name,
            [Choice(one.parser, model.vocab) for one in prepared],
            echoes=[model.vocab.decode(one.job.prompt) if ask.echo else "" for one in prepared],
            prompts=len(ask.prompts),
            include_usage=ask.include_usage,
        )
        return await self._answer(exchange, reply, ask.stream)

    async def respond(self, request: Request) -> Response:
        given = await parse_object(request)
        ask = validated(ResponsesRequest.model_validate, given)
        chat = validated(ask.chat, given)
        model = await self._asked(request, chat.model)
        exchange = Exchange(request, model, 1, self.faults)
        prepared = await run_in_threadpool(model.chat, chat, exchange.taps)
        model.engine.submit(*exchange.jobs(prepared))
        reply = ResponsesResponse(model.name, Choice(prepared[0].parser, model.vocab), ask, given)
        return await self._answer(exchange, reply, ask.stream)

    @staticmethod
    async def _answer(exchange: Exchange, reply: GenerationResponse, stream: bool) -> Response:
        return await (exchange.stream(reply) if stream else exchange.body(reply))


def piece_text(piece: bytes) -> str | list[int]:
    """Bytes that are no text of their own as numbers, as llama.cpp shows them."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return list(piece)
