"""The steps of a run, told from its feed: what ran, for how long, with how many tokens."""

from collections.abc import Iterable
from dataclasses import dataclass

from agentflow.events import Event, ModelAnswered, StepEnded, StepStarted, ToolReturned


@dataclass(slots=True)
class StepRecord:
    """`status`: running (or stopped in the middle), done or failed. A step that was entered again counts once."""

    id: str
    node: str
    label: str = ""
    started: float = 0.0
    seconds: float = 0.0
    status: str = "running"
    error: str = ""
    attempts: int = 0
    calls: int = 0
    tools: int = 0
    tokens: int = 0


def steps_of(events: Iterable[Event]) -> list[StepRecord]:
    """In the order in which they first started. Tokens are those of the last attempt, replayed ones included."""
    steps: dict[str, StepRecord] = {}
    for event in events:
        match event:
            case StepStarted():
                step = steps.setdefault(event.step, StepRecord(event.step, event.node, event.label))
                step.started, step.status, step.error = event.at, "running", ""
                step.attempts += 1
                step.calls = step.tools = step.tokens = 0
            case StepEnded() if event.step in steps:
                step = steps[event.step]
                step.seconds, step.error = event.seconds, event.error
                step.status = "failed" if event.error else "done"
            case ModelAnswered() if event.step in steps:
                steps[event.step].calls += 1
                steps[event.step].tokens += event.usage.tokens
            case ToolReturned() if event.step in steps:
                steps[event.step].tools += 1
    return list(steps.values())
