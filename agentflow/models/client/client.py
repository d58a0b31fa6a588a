"""The one client of every server: streaming, deadlines, retries before the first token only, checks on our side."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import replace

import httpx2
import numpy as np
import openai
from numpy.typing import NDArray

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.connection import Connection, connect
from agentflow.models.client.errors import Broken, error_of
from agentflow.models.client.http_errors import BROKEN_STREAM, broken
from agentflow.models.client.openai_request import body, thinking_tokens
from agentflow.models.client.openai_stream import Stream
from agentflow.models.client.prompted_tools import as_event, without_tools
from agentflow.models.client.server_metrics import Counters, server_counters
from agentflow.models.client.session import HEADER, session_of
from agentflow.models.client.token_count import at_most, count, estimate
from agentflow.models.client.types import Done, Failure, Message, ModelEvent, Request, Text
from agentflow.models.client.validation import fault
from agentflow.models.servers.server import Server
from agentflow.telemetry import traceparent
from agentflow.usage import Usage

ATTEMPTS = 5
PAUSE = 0.25
EMBED_BATCH = 64


class Client:
    """Implements ModelClient. Connects on first use and again when the server was started again."""

    def __init__(self, config: ModelConfig, server: Server) -> None:
        self.config = config
        self.server = server
        self.counters = Counters()
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def window(self) -> int:
        """The server's own figure; models.yaml's before the first connection."""
        return self._connection.can.window if self._connection else self.config.context

    @property
    def connection(self) -> Connection | None:
        """The present one; None before the first call and after `close`."""
        return self._connection

    async def connected(self) -> Connection:
        """Raises Unavailable when the server cannot be started or reached."""
        async with self._connecting:
            return self._connection or await self._connect()

    async def reconnected(self) -> Connection:
        """As `connected`, and starts the server again where it died; answers that still stream are left alone where it
        did not. Raises Unavailable."""
        async with self._connecting:
            return await self._connect()

    async def close(self) -> None:
        if self._connection:
            await self._connection.close()
        self._connection = None

    async def release(self, *, wait: bool = False) -> None:
        """Closes the connection and leaves the server; `wait` returns only when its memory is free."""
        await self.close()
        await self.server.stop(wait=wait)

    async def generate(self, request: Request) -> AsyncIterator[ModelEvent]:
        deadline = time.monotonic() + request.deadline
        refused: Failure | None = None
        for attempt in range(ATTEMPTS):
            begun = False
            try:
                async with aclosing(self.attempt(request, deadline)) as events:
                    async for event in events:
                        begun = True
                        yield event
                return
            except Broken as error:
                pause = max(error.after, PAUSE * 2**attempt * random.uniform(0.5, 1.5))
                over = attempt == ATTEMPTS - 1 or time.monotonic() + pause > deadline
                if begun or over or error.failure.kind not in ("connection", "overloaded"):
                    self.counters.failures += 1
                    # A last try that the deadline cuts off tells less than the full queue before it.
                    cut_off = error.failure.kind == "timeout" and not begun and time.monotonic() >= deadline
                    yield refused if refused and cut_off else error.failure
                    return
                if error.failure.kind == "overloaded":
                    refused = error.failure
                if error.failure.kind == "connection":
                    await self.close()
            await asyncio.sleep(pause)

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        connection = await self.connected()
        return await count(connection.root, connection.endpoint.model, connection.can, messages)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return unit_rows([row for batch in batches(texts) for row in await self._embed(batch)])

    async def health(self, within: float | None = 5.0) -> bool:
        """Whether the server answers within so many seconds; it need not have a list of models."""
        if self._connection is None:
            return False
        try:
            async with asyncio.timeout(within):
                return await self.server.ready() and (await self._connection.root.get("/v1/models")).status_code < 500
        except (httpx2.HTTPError, TimeoutError):
            return False

    async def stats(self) -> dict[str, float]:
        """The server's own counters where it shows them, over this client's."""
        connection = await self.connected()
        return {**self.counters.as_dict(), **await server_counters(connection.root, connection.can.kind)}

    async def _connect(self) -> Connection:
        endpoint = await self.server.start()
        if self._connection is None or self._connection.endpoint != endpoint:
            await self.close()
            self._connection = await connect(endpoint, self.config)
        return self._connection

    async def attempt(self, request: Request, deadline: float) -> AsyncGenerator[ModelEvent, None]:
        """`generate` without a second try, by a time of the monotonic clock. Raises Broken, and Unavailable as
        `connected`."""
        connection = await self.connected()
        toolless = bool(request.tools) and request.tool_choice != "none" and not connection.can.tools
        if toolless:
            request = without_tools(request)
        thinking = thinking_tokens(request, self.config, connection.can)
        prompt = await self._fits(connection, replace(request, max_tokens=request.max_tokens + thinking))
        arguments = body(request, connection.endpoint.model, self.config, connection.can, deadline - time.monotonic())
        arguments["extra_headers"] = {HEADER: session_of(request), **traceparent.headers()}
        stream = Stream(request)
        async with AsyncExitStack() as closing:
            with naming_what_broke(stream, deadline):
                async with asyncio.timeout(self._patience(stream, deadline)):
                    response = await connection.openai.chat.completions.create(**arguments)
                closing.push_async_callback(response.close)  # frees the server's slot, also when left early
            while True:
                with naming_what_broke(stream, deadline):
                    async with asyncio.timeout(self._patience(stream, deadline)):
                        chunk = await anext(response, None)
                if chunk is None:
                    break
                for event in stream.feed(chunk.to_dict(warnings=False)):  # some send tool arguments as an object
                    if not (toolless and isinstance(event, Text)):
                        yield event
        for event in stream.flush():
            yield event
        last = self._verdict(request, stream)
        if toolless and isinstance(last, Done) and last.reason == "stop":
            yield as_event("".join(stream.text))
        for event in stream.end(prompt):
            if isinstance(event, Usage):
                self._not_cut(connection, request, event)
            self.counters.add(event)
            yield event
        yield last

    def _patience(self, stream: Stream, deadline: float) -> float:
        wait = self.config.timeout.inter_token if stream.first else self.config.timeout.first_token
        return max(0.0, min(wait, deadline - time.monotonic()))

    async def _fits(self, connection: Connection, request: Request) -> int:
        """The prompt's length (exact only when it is near the window). Raises Broken when it does not fit."""
        window = connection.can.window
        most = at_most(request.messages)
        if not window or most + request.max_tokens <= window:
            return estimate(request.messages)
        length = most // 6  # surely not more than six bytes to a token: what is refused would not have fitted
        if connection.can.counts:
            try:
                length = await count(connection.root, connection.endpoint.model, connection.can, request.messages)
            except httpx2.TransportError as error:
                raise broken(error) from error
            except httpx2.HTTPStatusError:
                length = max(length, 1)  # no tokenizer there after all: the server has the last word
        if length + request.max_tokens > window:
            raise Broken(
                Failure(
                    "context_overflow",
                    f"the prompt has {length} tokens, with {request.max_tokens} for the answer that is "
                    f"{length + request.max_tokens - window} more than the window of {window}",
                )
            )
        return length

    def _not_cut(self, connection: Connection, request: Request, usage: Usage) -> None:
        """Names a prompt that the server shortened by itself (Ollama does). Raises Broken."""
        expected = at_most(request.messages) / 5
        if connection.can.cuts_silently and usage.prompt < 0.7 * expected and expected > connection.can.window / 2:
            message = f"the server cut the prompt: about {expected:.0f} tokens were sent, it read {usage.prompt}"
            raise Broken(Failure("context_overflow", f"{message} (window {connection.can.window})"))

    def _verdict(self, request: Request, stream: Stream) -> ModelEvent:
        text = "".join(stream.text)
        if stream.thought and not text.strip():
            return Done(stream.reason)  # completion.ask looks for the answer in the thinking
        if request.schema is not None and stream.reason == "stop" and (wrong := fault(text, request.schema)):
            return Failure("schema", wrong)
        return Done(stream.reason)

    async def embed_batch(self, texts: list[str]) -> list[list[float]]:
        """One request of at most EMBED_BATCH texts, without a second try. Raises Broken, and Unavailable."""
        connection = await self.connected()
        try:
            answer = await connection.openai.embeddings.create(
                model=connection.endpoint.model,
                input=texts,
                encoding_format="float",
                extra_headers=traceparent.headers(),
            )
        except (openai.OpenAIError, *BROKEN_STREAM) as error:
            raise broken(error) from error
        self.counters.add(Usage(prompt=answer.usage.prompt_tokens if answer.usage else 0))
        return [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]

    async def _embed(self, texts: list[str]) -> list[list[float]]:
        for attempt in range(ATTEMPTS):
            try:
                return await self.embed_batch(texts)
            except Broken as error:
                if attempt == ATTEMPTS - 1 or error.failure.kind not in ("connection", "overloaded"):
                    raise error_of(error.failure, self.name) from error
                if error.failure.kind == "connection":
                    await self.close()
                await asyncio.sleep(max(error.after, PAUSE * 2**attempt * random.uniform(0.5, 1.5)))
        raise AssertionError("the last attempt returns or raises")


@contextmanager
def naming_what_broke(stream: Stream, deadline: float) -> Iterator[None]:
    """Any error of the connection as Broken."""
    try:
        yield
    except TimeoutError:
        late = "the deadline passed" if time.monotonic() >= deadline else "it fell silent"
        where = "between two tokens" if stream.first else "before the first token"
        raise Broken(Failure("timeout", f"{late} {where}")) from None
    except (openai.OpenAIError, *BROKEN_STREAM) as error:
        raise broken(error) from error


def batches(texts: Sequence[str]) -> list[list[str]]:
    return [list(texts[start : start + EMBED_BATCH]) for start in range(0, len(texts), EMBED_BATCH)]


def unit_rows(rows: list[list[float]]) -> NDArray[np.float32]:
    """(len(rows), dimension), each row of length 1; (0, 0) without rows."""
    if not rows:
        return np.zeros((0, 0), dtype=np.float32)
    vectors: NDArray[np.float32] = np.array(rows, dtype=np.float32)
    lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return (vectors / lengths).astype(np.float32)
