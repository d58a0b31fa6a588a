"""What became of a run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agentflow.models.client.types import Answer
from agentflow.runs.calls import Call, calls
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from agentflow.usage import Usage


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status`: answered, insufficient, done, paused, failed or cancelled. `output` is the graph's own plain JSON.

    `usage` counts every model call of the run, replayed ones once. `seconds` is time spent running. `model` names who answered, by role where they differ.
    `question` is what a paused run waits for.
    """

    run: str
    status: RunStatus
    output: dict[str, Any]
    usage: Usage
    seconds: float
    model: str
    message: str = ""
    question: list[Any] | None = None
    models: dict[str, str] = field(default_factory=dict)


def outcome_of(store: RunStore, run: Run) -> Outcome:
    """What the run store and the journal know about how it ended, or where it stands."""
    return Outcome(
        run=run.id, status=run.status, output=run.output, usage=usage_of(calls(store, run.id, kind="model")),
        seconds=run.spent.get("seconds", 0.0), model=name_models(run.models), message=run.message,
        question=run.question, models=run.models,
    )  # fmt: skip


def usage_of(calls: Iterable[Call]) -> Usage:
    """Summed over the answers in the journal."""
    return Usage.total(
        Answer.from_json(item).usage
        for call in calls
        if call.kind == "model" and call.state == "done" and call.result is not None
        for item in call.result["answers"]
    )


def name_models(models: dict[str, str]) -> str:
    """One name where all roles share it, else `role: name` for each."""
    names = set(models.values())
    return names.pop() if len(names) == 1 else ", ".join(f"{role}: {name}" for role, name in models.items())
