"""What is asked of a model, and the events it answers with: plain data, no HTTP and no LangChain inside."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from agentflow.usage import Usage

Role = Literal["system", "user", "assistant", "tool"]
Priority = Literal["interactive", "graph", "batch"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; `arguments` is already parsed JSON."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `tool_call_id` names the call that a message of role `tool` answers."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Temperature 0 is greedy. None leaves the model's own default from models.yaml."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One chat completion.

    `schema` constrains the answer at the sampler and is validated again by the client. `tools` are OpenAI function
    schemas. `logprobs` asks for that many alternatives per token. `deadline` is seconds for the whole call.
    `run` and `step` say who asks. `sources` are hashes of what the prompt quotes: a cached answer is reused only while
    they are the same. `max_thinking` are tokens beside `max_tokens`, 0 turns thinking off; None leaves it to models.yaml.
    """

    messages: tuple[Message, ...]
    schema: dict[str, Any] | None = None
    tools: tuple[dict[str, Any], ...] = ()
    tool_choice: str = "auto"
    sampling: Sampling = Sampling()
    max_tokens: int = 512
    max_thinking: int | None = None
    logprobs: int = 0
    deadline: float = 600.0
    priority: Priority = "graph"
    run: str = ""
    step: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Thinking, kept apart from the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Logprobs:
    """The alternatives of one token: text to natural-log probability."""

    alternatives: dict[str, float]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: waiting in the queue, until the first token, prefill, decode."""

    queue: float = 0.0
    first_token: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """`reason`: stop, length or tool_calls."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """`kind`: overloaded, timeout, connection, invalid_request, context_overflow, server, schema."""

    kind: str
    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Restart:
    """What came before no longer counts: its server failed, and another one answers from the beginning."""


ModelEvent = Text | Reasoning | ToolCall | Logprobs | Usage | Timing | Done | Failure | Restart


@dataclass(frozen=True, slots=True)
class Answer:
    """All events of one call, gathered. `data` is the validated JSON when the request had a schema.

    `usage` counts tokens, `timing` is in seconds, `logprobs` has one dict (token to natural logarithm) a token, the chosen
    one first. `reason` says why it ended, as OpenAI's `finish_reason`.
    """

    text: str
    data: Any = None
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    logprobs: tuple[dict[str, float], ...] = ()
    usage: Usage = Usage()
    timing: Timing = Timing()
    reason: str = "stop"
    model: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Answer":
        """The inverse of `dataclasses.asdict` after a round trip through JSON."""
        drafts = data.get("speculation", {})  # where an older journal holds them
        drafts = {name: drafts[name] for name in ("drafted", "accepted") if name in drafts}
        return cls(
            text=data["text"],
            data=data["data"],
            reasoning=data["reasoning"],
            tool_calls=tuple(ToolCall(**call) for call in data["tool_calls"]),
            logprobs=tuple(data["logprobs"]),
            usage=Usage(**{**data["usage"], **drafts}),
            timing=Timing(**data["timing"]),
            reason=data["reason"],
            model=data["model"],
        )


class TokenCounter(Protocol):
    @property
    def name(self) -> str:
        """The name in models.yaml."""
        ...

    @property
    def window(self) -> int:
        """Context window in tokens, as the running server reports it."""
        ...

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Prompt length in tokens by the model's own tokenizer and chat template."""
        ...


class EmbeddingClient(TokenCounter, Protocol):
    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts), dimension), each row of length 1."""
        ...


class ModelClient(EmbeddingClient, Protocol):
    """The seam to every server. One conformance module runs against all implementations."""

    def generate(self, request: Request) -> AsyncIterator[ModelEvent]:
        """Streams the answer; ends with Done or Failure. Closing the iterator cancels the request."""
        ...

    async def health(self) -> bool: ...

    async def stats(self) -> dict[str, float]:
        """The server's counters since its start: requests, prompt, cached, completion tokens, drafted, accepted."""
        ...
