"""Everything that happens, as small dataclasses: the one feed for the CLI, the TUI, logs, traces and tests."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from agentflow.status import RunStatus
from agentflow.usage import Usage

SHORTEST_TIMED = 8  # tokens of an answer whose speed says something


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`run` and `step` say where it happened; `at` is Unix time in seconds."""

    run: str = ""
    step: str = ""
    at: float = field(default_factory=time.time)

    def to_json(self) -> dict[str, Any]:
        """Shares what the event holds: fields are plain JSON."""
        return {"kind": type(self).__name__, **{item.name: getattr(self, item.name) for item in fields(self)}}


Sink = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    graph: str
    inputs: dict[str, Any]
    models: dict[str, str]
    resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """`status`: answered, insufficient, paused, failed, cancelled or done (a workflow without an answer)."""

    status: RunStatus
    seconds: float
    message: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RunStatus(self.status))  # text, where it was read from a file


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """`node` is the graph's name for it, `label` what a person reads (the sub-question of a fan-out, say)."""

    node: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded(Event):
    node: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade(Event):
    questions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched(Event):
    query: str
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFound(Event):
    """`evidence` is the quote's id; `place` is `path:line` or `path p. 3`; `relevance` lies in 0..1."""

    evidence: str
    question: str
    quote: str
    place: str
    relevance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMade(Event):
    """`evidence` holds the ids of the quotes it rests on, as EvidenceFound told them."""

    claim: int
    text: str
    evidence: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChecked(Event):
    """`support`: supported, partial, contradicted or unsupported."""

    claim: int
    support: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalled(Event):
    call: str
    role: str
    model: str
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelText(Event):
    """A piece of the streamed answer of `call`; `reasoning` marks thinking, which never enters a report."""

    call: str
    text: str
    reasoning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered(Event):
    """Tokens counted by the server, flat as they are stored (`usage` in one); times in seconds; `replayed` answers came
    from the journal and cost nothing."""

    call: str
    model: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    drafted: int
    accepted: int
    first_token: float
    seconds: float
    replayed: bool = False

    @property
    def usage(self) -> Usage:
        return Usage(
            self.prompt_tokens, self.cached_tokens, self.completion_tokens, self.drafted, self.accepted, calls=1
        )

    @property
    def decode_speed(self) -> float | None:
        """Tokens a second after the first; None for an answer too short to tell."""
        decoding = self.seconds - self.first_token
        if self.completion_tokens < SHORTEST_TIMED or decoding <= 0:
            return None
        return (self.completion_tokens - 1) / decoding


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled(Event):
    call: str
    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReturned(Event):
    call: str
    tool: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRefused(Event):
    call: str
    tool: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked(Event):
    """A run waits for a person; `subject` is what to approve or edit (the plan, a tool call with its arguments)."""

    subject: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetChanged(Event):
    """Spent and left, by resource: tokens, seconds, steps, calls, bytes. No limit: `left` lacks the key."""

    spent: dict[str, float]
    left: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """Long work outside a run: ingest, download, server start. `total` is 0 while unknown."""

    task: str
    done: float
    total: float
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsRead(Event):
    """A watched folder changed and words find what it says now. Paths as stored; `passages` were cut again."""

    added: list[str]
    changed: list[str]
    removed: list[str]
    failed: list[str]
    unchanged: int
    passages: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """One line for a person: what was dropped, degraded or refused, and why. `level`: info or warning."""

    text: str
    level: str = "info"


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}


def from_json(data: dict[str, Any]) -> Event:
    """The inverse of `to_json`. Raises KeyError for a kind this version does not know."""
    values = dict(data)
    return KINDS[values.pop("kind")](**values)


def ignore(event: Event) -> None:
    """The sink of whoever does not listen."""
