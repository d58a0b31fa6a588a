"""One request's answers while they are written: its jobs, their events, and the client that may leave."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from agentflow.errors import AgentflowError
from agentflow.serving.api.errors import ErrorResponse, failure_of
from agentflow.serving.api.middleware import caller_of
from agentflow.serving.api.response import GenerationResponse, sse
from agentflow.serving.chat_model import ChatModel, PreparedPrompt
from agentflow.serving.engine.error_log import ErrorLog
from agentflow.serving.engine.request import Event, Failed, GenerationRequest
from agentflow.usage import Usage


@dataclass(frozen=True, slots=True)
class Tap:
    """Puts one job's events, with its number, where all events of the request come together."""

    queue: "asyncio.Queue[tuple[int, Event]]"
    index: int

    def put_nowait(self, event: Event) -> None:
        self.queue.put_nowait((self.index, event))


class Exchange:
    """`taps`: a sink for each answer, to be given to the jobs."""

    def __init__(self, request: Request, model: ChatModel, answers: int, faults: ErrorLog) -> None:
        if answers > (most := max(1, model.engine.queue // 2)):
            raise AgentflowError(f"{answers} answers in one request; at most {most} are written for one here")
        self.request = request
        self.model = model
        self.faults = faults
        self.queue: asyncio.Queue[tuple[int, Event]] = asyncio.Queue()
        self.taps = [Tap(self.queue, index) for index in range(answers)]
        self.prepared: Sequence[PreparedPrompt] = ()
        self.pieces = 0

    def jobs(self, prepared: Sequence[PreparedPrompt]) -> list[GenerationRequest]:
        """What is to be submitted; given up when the client leaves."""
        self.prepared = prepared
        return [one.job for one in prepared]

    def cancel(self) -> None:
        for one in self.prepared:
            self.model.engine.cancel(one.job)

    async def body(self, reply: GenerationResponse) -> Response:
        watcher = asyncio.create_task(on_disconnect(self.request, self.cancel))
        try:
            while not reply.done:
                index, event = await self.queue.get()
                if isinstance(event, Failed):
                    raise failure_of(event)
                self.pieces += 1
                reply.choices[index].take(event)
            return JSONResponse(reply.body())
        finally:
            watcher.cancel()
            self.cancel()
            self._account(reply)

    async def stream(self, reply: GenerationResponse) -> Response:
        """Server-sent events. What fails before the first token still has an honest status."""
        watcher = asyncio.create_task(on_disconnect(self.request, self.cancel))
        try:
            first = await self.queue.get()
        except asyncio.CancelledError:
            self.cancel()
            raise
        finally:
            watcher.cancel()
        if isinstance(first[1], Failed):
            self.cancel()
            raise failure_of(first[1])
        events = self._events(reply, *first)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _events(self, reply: GenerationResponse, index: int, event: Event) -> AsyncIterator[bytes]:
        """A client that goes away cancels its jobs; an error is the last event."""
        try:
            for data in reply.opening():
                yield data
            while not isinstance(event, Failed):
                self.pieces += 1
                for data in reply.events(index, event):
                    yield data
                if reply.done:
                    for data in reply.closing():
                        yield data
                    return
                index, event = await self.queue.get()
            yield sse(failure_of(event).body)
        except Exception as error:  # noqa: BLE001  the status is sent: the client must learn of it here
            self.faults.note("streaming an answer", error)
            yield sse(ErrorResponse("server_error", f"{type(error).__name__}: {error}").body)
        finally:
            self.cancel()
            self._account(reply)

    def _account(self, reply: GenerationResponse) -> None:
        """What the trace and the caller's account say of the answers. Of those that were given up nobody has counted the
        tokens: they are the prompt's, and about one for each piece that came."""
        used = Usage.total(choice.end.statistics.usage for choice in reply.choices if choice.end)
        if not reply.done:
            used = Usage(prompt=sum(len(one.job.prompt) for one in self.prepared), completion=self.pieces)
        if caller := caller_of(self.request):
            caller.spend(used.tokens)
        getattr(self.request.state, "traced", {}).update({
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "agentflow", "gen_ai.request.model": reply.model,
            "gen_ai.usage.input_tokens": used.prompt, "gen_ai.usage.output_tokens": used.completion,
            "gen_ai.usage.cache_read.input_tokens": used.cached,
        })  # fmt: skip


async def on_disconnect(request: Request, then: Callable[[], None]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    then()
