"""A run's events in one order that does not depend on time: by step, and within it as they came.

Two runs that did the same have the same trace, byte for byte. Left out: times, what was merely replayed, the running
account of the budget, and the ends of attempts that were cut off.
"""

import json
from collections.abc import Iterable

from agentflow.events import BudgetChanged, Event, ModelText, StepStarted

TIMES = ("at", "seconds", "first_token", "replayed")


def trace(events: Iterable[Event]) -> list[str]:
    """One line of JSON an event."""
    steps: dict[str, list[str]] = {}
    for event in events:
        if not event.step or isinstance(event, BudgetChanged | ModelText):
            continue
        if isinstance(event, StepStarted):
            steps[event.step] = []  # a later attempt replaces one that was cut off
        data = {key: value for key, value in event.to_json().items() if key not in TIMES}
        steps.setdefault(event.step, []).append(json.dumps(data, ensure_ascii=False, sort_keys=True))
    return [line for step in sorted(steps) for line in steps[step]]
