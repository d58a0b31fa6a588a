"""Scorers are plain functions in `evals/NAME.py`: `score(case, record, **options) -> float | mapping | None`.

One that also takes `documents` gets the corpus (path to text); one that takes `engine` may be async and ask a model.
A scorer that raises marks the case, and the suite goes on.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import COSTS, Record
from agentflow.evaluation.suite import LoadedSuite
from agentflow.project import Project

Documents = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Scorer:
    name: str
    function: Callable[..., Any]
    options: dict[str, Any]
    asks: frozenset[str]

    async def __call__(self, case: Case, record: Record, services: Mapping[str, Any]) -> dict[str, float | None]:
        given = {name: services[name] for name in self.asks}
        value = self.function(case, record, **given, **self.options)
        if inspect.isawaitable(value):
            value = await value
        found = dict(value) if isinstance(value, Mapping) else {self.name: value}
        return {name: _number(name, score) for name, score in found.items()}


def _number(name: str, score: Any) -> float | None:
    if name in COSTS:
        raise ValueError(f"'{name}' is the name of a cost; call the metric something else")
    if score is None:
        return None
    number = float(score)
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number}, not a number")
    return number


def load_scorers(project: Project, loaded: LoadedSuite) -> list[Scorer]:
    """Raises AgentflowError for a scorer that does not exist, has no `score`, or does not take its options."""
    found = []
    for item in loaded.suite.scorers:
        for name, options in ({item: {}} if isinstance(item, str) else item).items():
            found.append(_scorer(name, project.load("evals", name), options))
    return found


def _scorer(name: str, module: ModuleType, options: dict[str, Any]) -> Scorer:
    function = getattr(module, "score", None)
    if not callable(function):
        raise AgentflowError(f"evals/{name}.py has no function score(case, record)", "see docs/evaluation.md")
    takes = inspect.signature(function).parameters
    if unknown := options.keys() - takes.keys():
        known = ", ".join(list(takes)[2:]) or "none"
        raise AgentflowError(f"the scorer '{name}' has no option {', '.join(sorted(unknown))}", f"known: {known}")
    return Scorer(name, function, options, frozenset(takes.keys() & {"documents", "engine"}))


async def score(
    scorers: Sequence[Scorer], case: Case, record: Record, services: Mapping[str, Any] | None = None
) -> Record:
    """The record with its scores; `problems` holds what a scorer raised, and its metrics are missing."""
    scores: dict[str, float | None] = {}
    problems: dict[str, str] = {}
    for scorer in scorers:
        try:
            scores.update(await scorer(case, record, services or {}))
        except Exception as error:  # noqa: BLE001  a person's code: whatever it raises belongs to this case
            problems[scorer.name] = f"{type(error).__name__}: {error}"
    return replace(record, scores=scores, problems=problems)
