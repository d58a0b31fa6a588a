"""One run as the run store knows it."""

import re
from dataclasses import dataclass, field
from typing import Any

from agentflow.status import RunStatus

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"  # of a run, which also names a folder


@dataclass(frozen=True, slots=True)
class Run:
    """`status`: queued, running, paused or a finished one. `models` maps roles to names, `sha256` is the graph file's.

    `question` is what the run waits for (the subjects of its interrupts), None when it does not. `checkpoints` and
    `calls` count what must be found on disk. `silent` is for how many seconds its owner gave no sign of life, by the
    database's clock. `scope` is the filter of the
    documents that alone are searched, empty for all (older runs: a list of its roots). Times are Unix seconds; order runs by `number`, never by time.
    `priority` to `trace` are of the queue: see agentflow/runs/queue.py.
    """

    number: int
    id: str
    graph: str
    source: str
    sha256: str
    inputs: dict[str, Any]
    models: dict[str, str]
    limits: dict[str, float]
    parent: str
    forked_at: str
    created: float
    status: RunStatus
    message: str
    output: dict[str, Any]
    question: list[Any] | None
    ended: float | None
    spent: dict[str, float] = field(default_factory=dict)
    checkpoints: int = 0
    calls: int = 0
    pruned: int = 0
    asked: str = ""
    fence: int = 0
    owner: dict[str, Any] = field(default_factory=dict)
    beat: float = 0.0
    silent: float = 0.0
    scope: dict[str, Any] | list[str] = field(default_factory=dict)
    priority: int = 0
    not_before: float = 0.0
    queued: float = 0.0
    attempts: int = 0
    most_attempts: int = 0
    lease: float = 0.0
    requested_by: str = ""
    reply: Any = None
    sites: list[str] | None = None
    trace: str = ""

    @property
    def title(self) -> str:
        """What a person would call it: the question or task it was given."""
        named = (self.inputs[key] for key in ("question", "task", "goal", "topic") if self.inputs.get(key))
        return str(next(named, next((value for value in self.inputs.values() if isinstance(value, str)), "")))

    @property
    def finished(self) -> bool:
        return self.status.finished


def id_from(name: str, mark: str) -> str:
    """An id that reads like `name`, told from others by `mark`."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip("._-")[: 63 - len(mark)]
    return f"{stem}-{mark}" if stem else mark
