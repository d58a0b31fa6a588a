"""OpenAI-shaped answers: bodies, chunks and errors."""

import base64
import json
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agentflow.llama.answer import AnswerParser, Delta
from agentflow.llama.job import Event, Finished, Piece, TokenLogprob
from agentflow.llama.openai_api import measures, token_entry, usage
from agentflow.llama.vocab import Vocab

if TYPE_CHECKING:
    from agentflow.llama.house import House

Json = dict[str, Any]


class Reply(Protocol):
    """Gathers an answer, or cuts it into chunks."""

    def add(self, deltas: Iterable[Delta], scores: Iterable[TokenLogprob]) -> None: ...
    def body(self, end: Finished) -> Json: ...
    def opening(self) -> Iterator[Json]: ...
    def chunks(self, parser: AnswerParser, event: Event) -> Iterator[Json]: ...


class ChatReply:
    def __init__(self, model: str, vocab: Vocab, include_usage: bool) -> None:
        self.head: Json = {"id": f"chatcmpl-{uuid.uuid4().hex[:20]}", "created": int(time.time()), "model": model}
        self.vocab = vocab
        self.include_usage = include_usage
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.calls: list[Json] = []
        self.scores: list[Json] = []

    def add(self, deltas: Iterable[Delta], scores: Iterable[TokenLogprob]) -> None:
        for delta in deltas:
            self.content.append(delta.content)
            self.reasoning.append(delta.reasoning)
            self.calls += delta.calls
        self.scores += [self._score(score) for score in scores]

    def _score(self, score: TokenLogprob) -> Json:
        def entry(token: int, logprob: float) -> Json:
            return token_entry(self.vocab.text(token), self.vocab.pieces[token], logprob)

        return {**entry(score.token, score.logprob), "top_logprobs": [entry(*pair) for pair in score.top]}

    def _reason(self, end: Finished) -> str:
        return "tool_calls" if self.calls and end.reason == "stop" else end.reason

    def body(self, end: Finished) -> Json:
        content = "".join(self.content)
        message: Json = {"role": "assistant", "content": content if content or not self.calls else None}
        if any(self.reasoning):
            message["reasoning_content"] = "".join(self.reasoning)
        if self.calls:
            message["tool_calls"] = self.calls
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": self._reason(end),
            "logprobs": {"content": self.scores} if self.scores else None,
        }
        counted = {"usage": usage(end.statistics), **measures(end.statistics)}
        return {**self.head, "object": "chat.completion", "choices": [choice], **counted}

    def _chunk(self, delta: Json, reason: str | None = None, scores: list[Json] | None = None) -> Json:
        choice: Json = {"index": 0, "delta": delta, "finish_reason": reason}
        if scores:
            choice["logprobs"] = {"content": scores}
        return {**self.head, "object": "chat.completion.chunk", "choices": [choice]}

    def opening(self) -> Iterator[Json]:
        yield self._chunk({"role": "assistant", "content": ""})

    def chunks(self, parser: AnswerParser, event: Event) -> Iterator[Json]:
        scores: list[Json] = []
        if isinstance(event, Piece):
            deltas = parser.push(event.text)
            scores = [self._score(score) for score in event.logprobs]
        else:
            deltas = parser.close()
        for delta in deltas:
            if delta.calls:
                start = len(self.calls)
                self.calls += delta.calls
                yield self._chunk({"tool_calls": [{"index": start + i, **c} for i, c in enumerate(delta.calls)]})
                continue
            yield self._chunk(
                {"reasoning_content": delta.reasoning} if delta.reasoning else {"content": delta.content}, scores=scores
            )
            scores = []
        if scores:
            yield self._chunk({}, scores=scores)
        if isinstance(event, Finished):
            yield {**self._chunk({}, self._reason(event)), **measures(event.statistics)}
            if self.include_usage:
                yield {
                    **self._chunk({}),
                    "choices": [],
                    "usage": usage(event.statistics),
                    **measures(event.statistics),
                }


class CompletionReply:
    def __init__(self, model: str, vocab: Vocab, include_usage: bool) -> None:
        self.head: Json = {
            "id": f"cmpl-{uuid.uuid4().hex[:20]}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": model,
        }
        self.vocab = vocab
        self.include_usage = include_usage
        self.text: list[str] = []
        self.scores: list[TokenLogprob] = []

    def add(self, deltas: Iterable[Delta], scores: Iterable[TokenLogprob]) -> None:
        self.text += [delta.content for delta in deltas]
        self.scores += scores

    def _logprobs(self, scores: list[TokenLogprob]) -> Json | None:
        if not scores:
            return None
        return {
            "tokens": [self.vocab.text(score.token) for score in scores],
            "token_logprobs": [score.logprob for score in scores],
            "top_logprobs": [{self.vocab.text(token): value for token, value in score.top} for score in scores],
        }

    def _choice(self, text: str, reason: str | None, scores: list[TokenLogprob]) -> Json:
        return {"index": 0, "text": text, "finish_reason": reason, "logprobs": self._logprobs(scores)}

    def body(self, end: Finished) -> Json:
        choice = self._choice("".join(self.text), end.reason, self.scores)
        return {**self.head, "choices": [choice], "usage": usage(end.statistics), **measures(end.statistics)}

    def opening(self) -> Iterator[Json]:
        yield from ()

    def chunks(self, parser: AnswerParser, event: Event) -> Iterator[Json]:
        deltas = parser.push(event.text) if isinstance(event, Piece) else parser.close()
        scores = list(event.logprobs) if isinstance(event, Piece) else []
        if deltas or scores:
            yield {**self.head, "choices": [self._choice("".join(d.content for d in deltas), None, scores)]}
        if isinstance(event, Finished):
            last = {**self.head, "choices": [self._choice("", event.reason, [])], **measures(event.statistics)}
            yield {**last, "usage": usage(event.statistics)} if self.include_usage else last


def models(house: "House", created: int) -> Json:
    data: list[Json] = [
        {
            "id": name,
            "object": "model",
            "created": created,
            "owned_by": "agentflow",
            "kind": "chat",
            "context_window": chat.window,
            "parallel": chat.engine.parallel,
        }
        for name, chat in house.chats.items()
    ]
    data += [
        {
            "id": name,
            "object": "model",
            "created": created,
            "owned_by": "agentflow",
            "kind": "embedding",
            "context_window": embedder.window,
            "dimensions": embedder.width,
        }
        for name, embedder in house.embedders.items()
    ]
    return {"object": "list", "data": data}


def embeddings(model: str, vectors: NDArray[np.float32], tokens: int, form: str) -> bytes:
    def shown(vector: NDArray[np.float32]) -> Any:
        return base64.b64encode(vector.tobytes()).decode() if form == "base64" else vector.tolist()

    data = [{"object": "embedding", "index": i, "embedding": shown(vector)} for i, vector in enumerate(vectors)]
    counted = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"object": "list", "model": model, "data": data, "usage": counted}).encode()
