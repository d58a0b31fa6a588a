"""One timeline of all parts: the log of `agentflow chaos run`, the events of runs, the audit logs of sites; and who waited
for whom.

Each source keeps its own order, whatever the clocks say: where a clock falls behind, its rows stand with the one before.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from agentflow.events import (
    Event,
    ModelAnswered,
    ModelCalled,
    RunEnded,
    RunStarted,
    Searched,
    StepStarted,
    ToolCalled,
    ToolReturned,
)
from agentflow.identity.audit import Audit
from agentflow.runs.event_log import read
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore

ANYBODY = "whoever asked"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """`at` in Unix seconds; `fact` is an event, or what the log or a site's audit log tells. Where it ends a wait, `who`
    waited `seconds` for `what`."""

    at: float
    part: str
    fact: Event | dict[str, Any]
    who: str = ""
    what: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Wait:
    """How often, how long in all and at most, in seconds, `who` waited for `what`."""

    who: str
    what: str
    times: int = 0
    seconds: float = 0.0
    longest: float = 0.0


def of_log(lines: Iterable[dict[str, Any]]) -> Iterator[TimelineRow]:
    for line in lines:
        part, waited = line["part"], line.get("waited", 0.0)
        yield TimelineRow(line["at"], part, line, *((ANYBODY, part, waited) if waited else ()))


def of_site(name: str, audit: Audit) -> Iterator[TimelineRow]:
    for row, _ in audit.rows():
        yield TimelineRow(
            row.at, name, {"did": row.operation, "caller": row.caller, "outcome": row.outcome, "items": row.items}
        )


def of_run(store: RunStore, run: Run) -> Iterator[TimelineRow]:
    """Waits for a worker, for searches, models and tools, and for another worker where one was lost."""
    part, asked, began = f"run {run.id}", dict[str, tuple[float, str]](), dict[str, float]()
    before, held = run.queued, False
    for _, event in read(store, run.id):
        who, what, since = "", "", 0.0
        match event:
            case RunStarted() if held:
                who, what, since = part, "another worker", before
                asked.clear()
            case RunStarted() if before:
                who, what, since = part, "a worker", before
            case ModelCalled():
                asked[event.call] = event.at, event.model
            case ToolCalled():
                asked[event.call] = event.at, event.tool
            case ModelAnswered() | ToolReturned() if event.call in asked:
                who, (since, what) = part, asked.pop(event.call)
            case StepStarted():
                began[event.step] = event.at
            case Searched() if event.step in began:
                who, what, since = part, "search", began[event.step]
                began[event.step] = event.at
        held, before = not isinstance(event, RunEnded), event.at
        yield TimelineRow(event.at, part, event, who, what, max(0.0, event.at - since) if who else 0.0)


def merged(*sources: Iterable[TimelineRow]) -> list[TimelineRow]:
    return [row for _, _, row in heapq.merge(*(_steady(number, source) for number, source in enumerate(sources)))]


def waits(rows: Iterable[TimelineRow]) -> list[Wait]:
    """The longest in all first."""
    found: dict[tuple[str, str], Wait] = {}
    for row in rows:
        if row.who:
            wait = found.setdefault((row.who, row.what), Wait(row.who, row.what))
            wait.times += 1
            wait.seconds += row.seconds
            wait.longest = max(wait.longest, row.seconds)
    return sorted(found.values(), key=lambda wait: -wait.seconds)


def _steady(number: int, rows: Iterable[TimelineRow]) -> Iterator[tuple[float, tuple[int, int], TimelineRow]]:
    """Each with a moment that never goes back."""
    latest = 0.0
    for place, row in enumerate(rows):
        latest = max(latest, row.at)
        yield latest, (number, place), row
