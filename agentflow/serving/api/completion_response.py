"""Bodies and chunks of /v1/completions."""

from collections.abc import Iterator, Sequence

from agentflow.serving.api.choice import Choice, Json, finite
from agentflow.serving.api.response import FINGERPRINT, GenerationResponse, new_id, sse
from agentflow.serving.api.usage import measures, usage
from agentflow.serving.engine.request import Finished, TextChunk, TokenLogprob


class CompletionResponse(GenerationResponse):
    """`echoes`: what stands before each choice, its prompt or nothing. `prompts`: how many the choices share."""

    def __init__(
        self, model: str, choices: Sequence[Choice], *, echoes: Sequence[str], prompts: int, include_usage: bool
    ) -> None:
        super().__init__(model, choices)
        self.echoes = echoes
        self.prompts = prompts
        self.include_usage = include_usage
        self.written = [0] * len(choices)
        self.head: Json = {
            "id": new_id("cmpl-"),
            "object": "text_completion",
            "created": self.created,
            "model": model,
            "system_fingerprint": FINGERPRINT,
        }

    def body(self) -> Json:
        statistics = [choice.statistics for choice in self.choices]
        choices = [
            self._choice(index, self.echoes[index] + choice.text, choice.reason, choice.scores)
            for index, choice in enumerate(self.choices)
        ]
        return {**self.head, "choices": choices, "usage": usage(statistics, self.prompts), **measures(statistics[0])}

    def _choice(self, index: int, text: str, reason: str | None, scores: Sequence[TokenLogprob]) -> Json:
        return {"index": index, "text": text, "finish_reason": reason, "logprobs": self._scores(index, scores)}

    def _scores(self, index: int, scores: Sequence[TokenLogprob]) -> Json | None:
        if not scores:
            return None
        choice = self.choices[index]
        tokens = [choice.vocab.text(score.token) for score in scores]
        offsets = []
        for token in tokens:
            offsets.append(self.written[index])
            self.written[index] += len(token)
        return {
            "tokens": tokens,
            "token_logprobs": [finite(score.logprob) for score in scores],
            "top_logprobs": [{choice.vocab.text(token): finite(p) for token, p in score.top} for score in scores],
            "text_offset": offsets,
            "content": [choice.score(score) for score in scores],
        }

    def _chunk(self, choices: list[Json], counted: Json | None = None) -> Json:
        chunk = {**self.head, "choices": choices}
        return {**chunk, "usage": counted} if self.include_usage else chunk

    def opening(self) -> Iterator[bytes]:
        for index, echo in enumerate(self.echoes):
            if echo:
                yield sse(self._chunk([self._choice(index, echo, None, ())]))

    def events(self, index: int, event: TextChunk | Finished) -> Iterator[bytes]:
        choice = self.choices[index]
        text = "".join(delta.content for delta in choice.take(event))
        scores = event.logprobs if isinstance(event, TextChunk) else ()
        if text or scores:
            yield sse(self._chunk([self._choice(index, text, None, scores)]))
        if isinstance(event, Finished):
            last = self._chunk([self._choice(index, "", choice.reason, ())])
            yield sse({**last, **measures(event.statistics)})

    def closing(self) -> Iterator[bytes]:
        if self.include_usage:
            counted = usage([choice.statistics for choice in self.choices], self.prompts)
            yield sse(self._chunk([], counted))
        yield sse("[DONE]")
