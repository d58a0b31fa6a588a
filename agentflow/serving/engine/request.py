"""One request inside the engine, and what it is answered with."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from agentflow.serving.engine.sampler import SamplingParams
from agentflow.serving.engine.thinking import ThinkingLimit
from agentflow.serving.text.grammar import Grammar
from agentflow.usage import Usage

PRIORITIES = {"interactive": 0, "graph": 1, "batch": 2}


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """Natural logs from the model's own distribution; `top` are the likeliest tokens, best first."""

    token: int
    logprob: float
    top: list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class TextChunk:
    """Text that became final. Logprobs come with the token, even when its text is still held back."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(slots=True)
class RequestStats:
    """Seconds and tokens of one answer; `by_source` maps a drafter to [drafted, accepted]."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    queue_s: float = 0.0
    first_token_s: float = 0.0
    prefill_s: float = 0.0
    decode_s: float = 0.0
    steps: int = 0
    drafted: int = 0
    accepted: int = 0
    by_source: dict[str, list[int]] = field(default_factory=dict)

    @property
    def usage(self) -> Usage:
        return Usage(self.prompt, self.cached, self.completion, self.drafted, self.accepted, calls=1)


@dataclass(frozen=True, slots=True)
class Finished:
    """`reason`: stop or length."""

    reason: str
    statistics: RequestStats


@dataclass(frozen=True, slots=True)
class Failed:
    """`kind` is the error type of the HTTP face: timeout, cancelled, server_error, invalid_request."""

    kind: str
    message: str


Event = TextChunk | Finished | Failed


class Sink(Protocol):
    def put_nowait(self, event: Event, /) -> None: ...


@dataclass(slots=True, eq=False)
class GenerationRequest:
    """`prompt` tokens in, events out. `deadline` is monotonic time. `grammar_after` delays the grammar until that
    text has been written (the end of thinking). `forced` replaces sampling by given tokens: a replay for benchmarks."""

    prompt: list[int]
    sink: Sink
    max_tokens: int
    sampling: SamplingParams = field(default_factory=SamplingParams)
    stop: tuple[str, ...] = ()
    grammar: Grammar | None = None
    grammar_after: str = ""
    thinking: ThinkingLimit | None = None
    logprobs: int | None = None
    show_specials: bool = True
    priority: str = "graph"
    deadline: float | None = None
    run: str = ""
    lookup: tuple[list[int], ...] = ()
    next_use: int | None = None
    drafting: bool = True
    ignore_end: bool = False
    forced: list[int] | None = None
    arrived: float = field(default_factory=time.monotonic)
    cancelled: bool = False

    def leaves(self, now: float) -> Failed | None:
        """Why it is given up at this time, if it is."""
        if self.cancelled:
            return Failed("cancelled", "the client went away")
        if self.deadline is not None and now > self.deadline:
            return Failed("timeout", "the deadline passed before the answer was complete")
        return None

    @property
    def scores_only(self) -> bool:
        """Asks for the first token's probabilities: costs prefill, no decoding."""
        return self.max_tokens == 1
