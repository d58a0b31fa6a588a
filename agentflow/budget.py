"""Tokens, seconds, steps, calls and bytes: counted and enforced in code."""

import time
from dataclasses import dataclass, field

from agentflow.errors import BudgetSpent

RESOURCES = ("tokens", "seconds", "steps", "calls", "bytes")


@dataclass(frozen=True, slots=True)
class Limits:
    """None is no limit. `seconds` is wall time while running; a paused run spends none."""

    tokens: int | None = None
    seconds: float | None = None
    steps: int | None = None
    calls: int | None = None
    bytes: int | None = None


@dataclass(slots=True)
class Budget:
    """One run's budget. `spent` survives a resume: pass what the earlier process had spent."""

    limits: Limits = field(default_factory=Limits)
    spent: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def spend(self, **amounts: float) -> None:
        """Counts what was used. Never raises: what is done is done; `check` refuses the next thing."""
        for resource, amount in amounts.items():
            self.spent[resource] = self.spent.get(resource, 0) + amount

    def used(self) -> dict[str, float]:
        running = time.monotonic() - self.started
        return {**dict.fromkeys(RESOURCES, 0.0), **self.spent, "seconds": self.spent.get("seconds", 0.0) + running}

    def left(self) -> dict[str, float]:
        used = self.used()
        limits = {name: getattr(self.limits, name) for name in RESOURCES}
        return {name: max(0.0, limit - used[name]) for name, limit in limits.items() if limit is not None}

    def exhausted(self) -> str | None:
        """The first resource of which nothing is left."""
        return next((name for name, left in self.left().items() if left <= 0), None)

    def check(self) -> None:
        """Raises BudgetSpent when a limit is reached."""
        if name := self.exhausted():
            limit = getattr(self.limits, name)
            raise BudgetSpent(f"the run's budget of {limit:g} {name} is spent", f"raise it with --budget {name}=N")
