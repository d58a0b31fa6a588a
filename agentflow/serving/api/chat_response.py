"""Bodies and chunks of /v1/chat/completions."""

from collections.abc import Iterator, Sequence

from agentflow.serving.api.choice import Choice, Json
from agentflow.serving.api.response import FINGERPRINT, GenerationResponse, new_id, sse
from agentflow.serving.api.usage import measures, usage
from agentflow.serving.engine.request import Finished, TextChunk, TokenLogprob


class ChatResponse(GenerationResponse):
    """`scored`: probabilities were asked for. `include_usage`: a last chunk counts tokens."""

    def __init__(self, model: str, choices: Sequence[Choice], *, scored: bool, include_usage: bool) -> None:
        super().__init__(model, choices)
        self.scored = scored
        self.include_usage = include_usage
        self.head: Json = {
            "id": new_id("chatcmpl-"),
            "created": self.created,
            "model": model,
            "system_fingerprint": FINGERPRINT,
        }

    def body(self) -> Json:
        statistics = [choice.statistics for choice in self.choices]
        return {
            **self.head,
            "object": "chat.completion",
            "choices": [self._choice(index, choice) for index, choice in enumerate(self.choices)],
            "usage": usage(statistics),
            **measures(statistics[0]),
        }

    def _choice(self, index: int, choice: Choice) -> Json:
        message: Json = {"role": "assistant", "content": choice.text if choice.text or not choice.calls else None}
        if choice.thoughts:
            message["reasoning_content"] = choice.thoughts
        if choice.calls:
            message["tool_calls"] = choice.calls
        return {
            "index": index,
            "message": message,
            "finish_reason": choice.reason,
            "logprobs": self._scores(choice, choice.scores),
        }

    def _scores(self, choice: Choice, scores: Sequence[TokenLogprob]) -> Json | None:
        return {"content": [choice.score(score) for score in scores], "refusal": None} if self.scored else None

    def _chunk(self, index: int, delta: Json, reason: str | None = None, scores: Json | None = None) -> Json:
        choice: Json = {"index": index, "delta": delta, "finish_reason": reason, "logprobs": scores}
        return self._with_usage({**self.head, "object": "chat.completion.chunk", "choices": [choice]}, None)

    def _with_usage(self, chunk: Json, counted: Json | None) -> Json:
        return {**chunk, "usage": counted} if self.include_usage else chunk

    def opening(self) -> Iterator[bytes]:
        for index in range(len(self.choices)):
            yield sse(self._chunk(index, {"role": "assistant", "content": None}))

    def events(self, index: int, event: TextChunk | Finished) -> Iterator[bytes]:
        choice = self.choices[index]
        before = len(choice.calls)
        scores = self._scores(choice, event.logprobs if isinstance(event, TextChunk) else ())
        for delta in choice.take(event):
            if delta.calls:
                calls = [{"index": before + number, **call} for number, call in enumerate(delta.calls)]
                shown: Json = {"tool_calls": calls}
                before += len(calls)
            else:
                shown = {"reasoning_content": delta.reasoning} if delta.reasoning else {"content": delta.content}
            yield sse(self._chunk(index, shown, scores=scores))
            scores = self._scores(choice, ())
        if scores and scores["content"]:
            yield sse(self._chunk(index, {}, scores=scores))
        if isinstance(event, Finished):
            yield sse({**self._chunk(index, {}, choice.reason), **measures(event.statistics)})

    def closing(self) -> Iterator[bytes]:
        if self.include_usage:
            statistics = [choice.statistics for choice in self.choices]
            chunk = {**self.head, "object": "chat.completion.chunk", "choices": [], **measures(statistics[0])}
            yield sse(self._with_usage(chunk, usage(statistics)))
        yield sse("[DONE]")
