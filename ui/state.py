"""What a run looks like at one moment: plain frozen data, made by the reducer from events alone.

Everything is bounded, so that a run of any length keeps the same memory; parts that an event does not touch stay the
same objects, so that a widget knows by identity whether it must draw again.
"""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from agentflow.events import EvidenceFound
from agentflow.status import RunStatus
from agentflow.usage import Usage

MOST_STEPS, MOST_EVIDENCE, MOST_CLAIMS, MOST_QUESTIONS = 240, 240, 120, 60
MOST_NOTES, MOST_SPEEDS, MOST_CALLS = 40, 32, 48
TAIL = 6_000  # characters kept of a step's streamed text and of a prompt

StepState = Literal["active", "done", "failed"]
QuestionState = Literal["waiting", "searching", "found", "nothing"]
Support = Literal["unchecked", "supported", "partial", "contradicted", "unsupported"]
Value = TypeVar("Value")
Frozen = MappingProxyType


def frozen(**values: Any) -> "MappingProxyType[str, Any]":
    return MappingProxyType(values)


@dataclass(frozen=True, slots=True)
class StepView:
    """One execution of a node. `text` is the tail of what its model streams for `call`, `prompt` of what it was asked."""

    id: str
    node: str
    label: str = ""
    state: StepState = "active"
    started: float = 0.0
    seconds: float = 0.0
    error: str = ""
    call: str = ""
    text: str = ""
    reasoning: str = ""
    prompt: str = ""
    model: str = ""
    calls: int = 0
    tokens: int = 0
    evidence: int = 0
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A sub-question; `planned` ones come from the plan, the others from reflection."""

    text: str
    planned: bool = True
    state: QuestionState = "waiting"
    passages: int = 0
    evidence: int = 0
    step: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """`number` is how the screen names it: in the order found, the same for one quote under two questions."""

    number: int
    found: EvidenceFound


@dataclass(frozen=True, slots=True)
class ClaimView:
    """`evidence` holds ids."""

    number: int
    text: str
    evidence: tuple[str, ...] = ()
    support: Support = "unchecked"


@dataclass(frozen=True, slots=True)
class Task:
    """Long work with a bar: ingest, download, server start. `total` is 0 while unknown."""

    name: str
    done: float
    total: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Meters:
    """Tokens as the servers counted them; replayed answers cost 0. `speeds`: decoded tokens a second of the last answers."""

    usage: Usage = Usage()
    replayed: int = 0
    speeds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RunState:
    """All that the run screen shows. `calls` maps an open model call to its step; `approval` is what waits for a person."""

    run: str = ""
    graph: str = ""
    question: str = ""
    status: RunStatus = RunStatus.WAITING
    message: str = ""
    started: float = 0.0
    now: float = 0.0
    seconds: float = 0.0
    events: int = 0
    steps: "Frozen[str, StepView]" = field(default_factory=frozen)
    calls: "Frozen[str, str]" = field(default_factory=frozen)
    questions: tuple[Question, ...] = ()
    evidence: tuple[EvidenceView, ...] = ()
    claims: tuple[ClaimView, ...] = ()
    meters: Meters = Meters()
    spent: "Frozen[str, float]" = field(default_factory=frozen)
    left: "Frozen[str, float]" = field(default_factory=frozen)
    tasks: "Frozen[str, Task]" = field(default_factory=frozen)
    notes: tuple[tuple[str, str], ...] = ()
    approval: "Frozen[str, Any] | None" = None

    def cited(self, claim: ClaimView) -> tuple[EvidenceView, ...]:
        """The quotes of a claim, each once, as far as they are still held."""
        held = {item.found.evidence: item for item in reversed(self.evidence)}
        return tuple(held[id] for id in dict.fromkeys(claim.evidence) if id in held)

    @property
    def active(self) -> tuple[StepView, ...]:
        return tuple(step for step in self.steps.values() if step.state == "active")

    @property
    def ended(self) -> bool:
        return self.status not in (RunStatus.WAITING, RunStatus.RUNNING)

    @property
    def elapsed(self) -> float:
        """Seconds of this process of the run, as far as the events tell."""
        return self.seconds if self.ended and self.seconds else max(0.0, self.now - self.started)
