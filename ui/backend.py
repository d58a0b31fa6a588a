"""What the screens may ask for: small protocols, plain rows. `local/` asks the engine, `fake_backend.py` a recording."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agentflow.budget import Limits
from agentflow.events import Event
from agentflow.status import RunStatus

if TYPE_CHECKING:
    from agentflow.models.addresses.status import AddressStatus

    from .known import KnownClaims


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the project at a glance. `model` answers; `servers` run now."""

    project: str
    documents: int = 0
    passages: int = 0
    failed: int = 0
    model: str = ""
    models: int = 0
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRow:
    """`started` is Unix time."""

    id: str
    graph: str
    question: str
    status: RunStatus
    started: float
    seconds: float = 0.0
    tokens: int = 0

    @property
    def resumable(self) -> bool:
        return self.status in (RunStatus.PAUSED, RunStatus.FAILED, RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.DEAD)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run handed out: `output` is the graph's plain JSON, `markdown` its report."""

    run: str
    graph: str
    status: RunStatus
    output: dict[str, Any] = field(default_factory=dict)
    markdown: str = ""
    message: str = ""
    seconds: float = 0.0
    model: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person wants to be run. `models` maps a role (or `default`) to a name."""

    graph: str
    inputs: dict[str, Any]
    models: dict[str, str] = field(default_factory=dict)
    limits: Limits = Limits()


class Runs(Protocol):
    async def recent(self, most: int = 50) -> list[RunRow]: ...

    async def start(self, ask: Ask) -> str:
        """Starts a run that outlives the screen; its id. Raises AgentflowError."""
        ...

    def follow(self, run: str) -> AsyncIterator[list[Event]]:
        """Everything that has happened and happens, in batches at most 20 times a second; ends with the run."""
        ...

    async def result(self, run: str) -> RunResult:
        """Raises AgentflowError for a run that has handed out nothing yet."""
        ...

    async def pause(self, run: str) -> None: ...

    async def cancel(self, run: str) -> None: ...

    async def resume(self, run: str, answer: Any = None) -> None:
        """Goes on with a paused or broken run; `answer` is what it asked a person for."""
        ...

    async def fork(self, run: str, step: str) -> str:
        """A new run with everything up to `step`; its id."""
        ...

    async def follow_up(self, run: str, question: str) -> str:
        """A new run that asks on about a finished one, on the same documents; its id."""
        ...

    async def export(self, run: str, path: Path) -> Path: ...


@dataclass(frozen=True, slots=True)
class DocumentRow:
    id: int
    path: str
    title: str
    kind: str
    date: str
    bytes: int
    passages: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """`terms` are words to light up."""

    path: str
    title: str
    place: str
    text: str
    terms: tuple[str, ...] = ()


class Documents(Protocol):
    async def all(self) -> list[DocumentRow]: ...

    async def text(self, path: str) -> str: ...

    async def file(self, path: str) -> Path:
        """Where it lies on disk."""
        ...

    def add(self, paths: Sequence[Path]) -> AsyncIterator[Event]:
        """Reads files and folders; Progress and Note events as it goes. Raises AgentflowError."""
        ...

    async def remove(self, path: str) -> None: ...

    def watch(self) -> AsyncIterator[Event]:
        """Keeps what was added up to date; tells of each change until `unwatch`. Raises AgentflowError."""
        ...

    async def unwatch(self) -> None: ...

    async def search(self, query: str, most: int = 12) -> list[FoundPassage]:
        """`type:pdf since:2023 in:papers` and the like narrow it. Raises AgentflowError."""
        ...


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`fit` says in words whether it fits this machine's memory; `state` is stopped, running or external."""

    name: str
    serve: str
    kind: str
    weights: str
    context: int
    state: str = "stopped"
    roles: tuple[str, ...] = ()
    fit: str = ""
    fits: bool | None = None
    description: str = ""
    addresses: int = 1


class ModelsBackend(Protocol):
    async def all(self) -> list[ModelRow]: ...

    async def addresses(self, name: str) -> "list[AddressStatus]":
        """Each address of a model, asked now; takes some seconds where one is silent."""
        ...

    def start(self, name: str) -> AsyncIterator[Event]: ...

    async def stop(self, name: str) -> None: ...

    async def log(self, name: str) -> str:
        """The last lines of its server's log."""
        ...

    async def speed(self, name: str) -> str:
        """A short measurement, as lines for a person."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph to be drawn: nodes in their order, directed edges."""

    nodes: tuple[str, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InputField:
    """One input of a workflow, for a form: `kind` is text, integer, number, yes or json."""

    name: str
    kind: str
    default: Any = None
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    name: str
    path: str
    description: str = ""
    problems: tuple[str, ...] = ()


class Workflows(Protocol):
    async def all(self) -> list[WorkflowRow]: ...

    async def shape(self, name: str) -> Shape: ...

    async def fields(self, name: str) -> list[InputField]: ...

    async def check(self, name: str) -> list[str]:
        """Problems as `path:line:column message`; none when it is sound."""
        ...


@dataclass(frozen=True, slots=True)
class SuiteRow:
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One variant of a past evaluation; `scores` maps a metric to its mean."""

    id: str
    suite: str
    variant: str
    at: float
    cases: int
    scores: dict[str, float] = field(default_factory=dict)


class Evals(Protocol):
    async def suites(self) -> list[SuiteRow]: ...

    async def results(self) -> list[ResultRow]: ...

    async def compare(self, first: str, second: str) -> str:
        """The paired comparison as Markdown."""
        ...


class Backend(Protocol):
    """Everything behind the screens."""

    @property
    def root(self) -> Path: ...

    @property
    def runs(self) -> Runs: ...

    @property
    def documents(self) -> Documents: ...

    @property
    def models(self) -> ModelsBackend: ...

    @property
    def workflows(self) -> Workflows: ...

    @property
    def evals(self) -> Evals: ...

    @property
    def known(self) -> "KnownClaims": ...

    async def overview(self) -> Overview: ...

    async def close(self) -> None: ...
