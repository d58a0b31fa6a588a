"""Chunks of an OpenAI stream to events, with each server's own fields for reasoning, usage, speculation and time."""

import json
import time
from collections.abc import Iterator
from typing import Any

from agentflow.models.client.errors import Broken
from agentflow.models.client.thinking import Thinking
from agentflow.models.client.types import (
    Failure,
    Logprobs,
    ModelEvent,
    Reasoning,
    Request,
    Text,
    Timing,
    ToolCall,
)
from agentflow.usage import Usage

MAX_BLANK = 256  # characters of white space in a row under a schema: xgrammar is known to run away (vLLM #38696)


class Stream:
    """One answer. `feed` every chunk, then `end`."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.thinking = Thinking()
        self.started = time.monotonic()
        self.first = 0.0
        self.text: list[str] = []
        self.thought = False
        self.blank = 0
        self.pieces = 0
        self.calls: dict[int, dict[str, str]] = {}
        self.reason = ""
        self.usage: dict[str, Any] = {}
        self.extra: dict[str, Any] = {}

    def feed(self, chunk: dict[str, Any]) -> Iterator[ModelEvent]:
        self.extra |= {key: chunk[key] for key in ("timings", "speculation", "metrics", "stats") if chunk.get(key)}
        self.usage = chunk.get("usage") or self.usage
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            yield from self._delta(delta)
            for token in (choice.get("logprobs") or {}).get("content") or ():
                yield Logprobs(_alternatives(token))
            self.reason = choice.get("finish_reason") or self.reason

    def flush(self) -> Iterator[ModelEvent]:
        """What was held back because it could have become a tag."""
        for event in self.thinking.end():
            self._note(event)
            yield event

    def end(self, prompt_estimate: int) -> Iterator[ModelEvent]:
        """The last events, without Done. Raises Broken for a stream that just stopped, or bad tool arguments."""
        if not self.reason:
            raise Broken(Failure("connection", "the stream ended before the answer did", retryable=True))
        for call in self.calls.values():
            yield _tool_call(call)
        yield self._usage(prompt_estimate)
        yield self._timing()

    def _delta(self, delta: dict[str, Any]) -> Iterator[ModelEvent]:
        if thought := delta.get("reasoning") or delta.get("reasoning_content"):
            self._begin()
            self.thinking.state = "answer"
            self.thought = True
            yield Reasoning(thought)
        if content := delta.get("content"):
            self._begin()
            for event in self.thinking.feed(content):
                self._note(event)
                yield event
        for part in delta.get("tool_calls") or ():
            self._begin()
            call = self.calls.setdefault(part.get("index") or 0, {"id": "", "name": "", "arguments": ""})
            function = part.get("function") or {}
            call["id"] = part.get("id") or call["id"]
            call["name"] = function.get("name") or call["name"]
            given = function.get("arguments") or ""
            call["arguments"] += given if isinstance(given, str) else json.dumps(given)

    def _begin(self) -> None:
        self.pieces += 1
        self.first = self.first or time.monotonic()

    def _note(self, event: Text | Reasoning) -> None:
        if isinstance(event, Reasoning):
            self.thought = True
            return
        text = event.text
        self.text.append(text)
        tail = len(text) - len(text.rstrip())
        self.blank = self.blank + tail if tail == len(text) else tail
        if self.request.schema is not None and self.blank > MAX_BLANK:
            raise Broken(Failure("schema", f"the model wrote {self.blank} blanks in a row instead of JSON"))

    def _usage(self, prompt_estimate: int) -> Usage:
        """As the server counted; our own estimate where it sent none."""
        details = self.usage.get("prompt_tokens_details") or {}
        cached = details.get("cached_tokens") or self.extra.get("timings", {}).get("cache_n") or 0
        drafted, accepted = drafts(self.extra, self.usage)
        if not self.usage:
            return Usage(prompt_estimate, int(cached), self.pieces, drafted, accepted)
        prompt, completion = (int(self.usage.get(f"{name}_tokens") or 0) for name in ("prompt", "completion"))
        return Usage(prompt, int(cached), completion, drafted, accepted)

    def _timing(self) -> Timing:
        now = time.monotonic()
        first = (self.first or now) - self.started
        timings = self.extra.get("timings", {})
        if "prefill_s" in timings:
            names = {"queue": "queue_s", "first_token": "first_token_s", "prefill": "prefill_s", "decode": "decode_s"}
            return Timing(**{ours: float(timings.get(theirs) or 0) for ours, theirs in names.items()})
        if "prompt_ms" in timings:
            return Timing(0.0, first, timings["prompt_ms"] / 1000, timings.get("predicted_ms", 0) / 1000)
        return Timing(0.0, first, first, now - self.started - first)


def drafts(extra: dict[str, Any], usage: dict[str, Any]) -> tuple[int, int]:
    """Tokens drafted and accepted: from our server's own field, llama.cpp's timings, vLLM's per-request metrics or LM
    Studio's stats."""
    vllm = (extra.get("metrics") or usage.get("metrics") or {}).get("speculative_decoding")
    for counts, drafted, accepted in (
        (extra.get("speculation"), "drafted", "accepted"),
        (vllm, "num_draft_tokens", "num_accepted_draft_tokens"),
        (extra.get("timings"), "draft_n", "draft_n_accepted"),
        (extra.get("stats"), "total_draft_tokens_count", "accepted_draft_tokens_count"),
    ):
        if counts and (drafted in counts or accepted in counts):
            return int(counts.get(drafted) or 0), int(counts.get(accepted) or 0)
    return 0, 0


def _alternatives(token: dict[str, Any]) -> dict[str, float]:
    """The chosen token first, then the likeliest; of two tokens with the same text the likelier counts."""
    found: dict[str, float] = {}
    for item in (token, *(token.get("top_logprobs") or ())):
        text = item.get("token") or ""
        found[text] = max(float(item.get("logprob") or 0.0), found.get(text, -1e9))
    return found


def _tool_call(call: dict[str, str]) -> ToolCall:
    try:
        arguments = json.loads(call["arguments"] or "{}")
    except json.JSONDecodeError as error:
        message = f"the arguments of tool '{call['name']}' are not JSON: {call['arguments'][:200]}"
        raise Broken(Failure("schema", message)) from error
    if not isinstance(arguments, dict):
        raise Broken(Failure("schema", f"the arguments of tool '{call['name']}' are not an object"))
    return ToolCall(call["id"], call["name"], arguments)
