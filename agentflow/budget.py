"""Tokens, seconds, steps, calls and bytes: counted and enforced in code, for a run and for each of its steps."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields

from agentflow.errors import AgentflowError, BudgetSpent

RESOURCES = ("tokens", "seconds", "steps", "calls", "bytes")
STEP = "step_"


@dataclass(frozen=True, slots=True)
class Limits:
    """None is no limit. `seconds` is wall time while running; a paused run spends none. `step_...` are for each step.
    Raises AgentflowError for a limit below 0."""

    tokens: int | None = None
    seconds: float | None = None
    steps: int | None = None
    calls: int | None = None
    bytes: int | None = None
    step_tokens: int | None = None
    step_seconds: float | None = None
    step_calls: int | None = None
    step_bytes: int | None = None

    def __post_init__(self) -> None:
        if wrong := next((name for name, limit in self.given().items() if not limit >= 0), ""):
            raise AgentflowError(
                f"the budget's {wrong} is {getattr(self, wrong)}", "give a number above 0, or None for no limit"
            )

    def given(self) -> dict[str, float]:
        """By name, without those that are None."""
        return {name: limit for name, limit in asdict(self).items() if limit is not None}


LIMITS = tuple(item.name for item in fields(Limits))


@dataclass(slots=True)
class Budget:
    """One run's budget. `spent` survives a resume: pass what the earlier process had spent.

    A step that is entered again starts again, and its recorded calls count for it once more.
    """

    limits: Limits = field(default_factory=Limits)
    spent: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    running: dict[str, dict[str, float]] = field(default_factory=dict)  # what each step spent since `entered`
    rests: float = 0.0  # since when its time stands still; 0 while it runs

    def enter(self, step: str) -> None:
        self.spend(steps=1)
        self.running[step] = {"entered": time.monotonic()}

    def leave(self, step: str) -> None:
        self.running.pop(step, None)

    def spend(self, step: str = "", /, **amounts: float) -> None:
        """Counts what was used. Never raises: what is done is done; `check` refuses the next thing."""
        _add(self.spent, amounts)
        self.repeat(step, **amounts)

    def repeat(self, step: str, /, **amounts: float) -> None:
        """What the run has paid for before counts for the step alone."""
        if step in self.running:
            _add(self.running[step], amounts)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """What happens meanwhile takes none of the run's time: it is not done for this run alone."""
        self.rests = time.monotonic()
        try:
            yield
        finally:
            self.started += time.monotonic() - self.rests
            self.rests = 0.0

    def used(self) -> dict[str, float]:
        running = (self.rests or time.monotonic()) - self.started
        return {**dict.fromkeys(RESOURCES, 0.0), **self.spent, "seconds": self.spent.get("seconds", 0.0) + running}

    def left(self, step: str = "") -> dict[str, float]:
        """By limit; a step's own too when it is named."""
        used = self.used()
        if own := self.running.get(step):
            seconds = time.monotonic() - own["entered"]
            used |= {STEP + name: own.get(name, 0.0) for name in RESOURCES} | {f"{STEP}seconds": seconds}
        limits = {name: getattr(self.limits, name) for name in LIMITS if name in used}
        return {name: max(0.0, limit - used[name]) for name, limit in limits.items() if limit is not None}

    def exhausted(self, step: str = "") -> str | None:
        """The first limit of which nothing is left."""
        return next((name for name, left in self.left(step).items() if left <= 0), None)

    def check(self, step: str = "") -> None:
        """Raises BudgetSpent when a limit is reached."""
        if name := self.exhausted(step):
            limit = getattr(self.limits, name)
            whose = f"step {step}" if name.startswith(STEP) else "the run"
            raise BudgetSpent(
                f"{whose}'s budget of {limit:g} {name.removeprefix(STEP)} is spent", f"raise it with --budget {name}=N"
            )


def _add(account: dict[str, float], amounts: dict[str, float]) -> None:
    for resource, amount in amounts.items():
        account[resource] = account.get(resource, 0) + amount
