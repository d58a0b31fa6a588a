"""What an evaluation runs: a suite, cases and variants that a person chose, and the workspace for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.errors import ConfigError
from agentflow.evaluation.dataset import Case, choose
from agentflow.evaluation.plan import plan_digest
from agentflow.evaluation.record import Records
from agentflow.evaluation.runner import PlannedRun, Runner, items
from agentflow.evaluation.scoring import Scorer, load_scorers
from agentflow.evaluation.suite import LoadedSuite, load_dataset, load_suite
from agentflow.evaluation.variants import Variant, expand
from agentflow.evaluation.workspace import workspace
from agentflow.events import Sink, ignore
from agentflow.project import Project


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose on the command line. `models` are alternatives, each a map of role to model name."""

    data: Path | None = None
    targets: Sequence[str] = ()
    models: Sequence[dict[str, str]] = ()
    settings: dict[str, list[Any]] = field(default_factory=dict)
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    repeats: int | None = None
    jobs: int = 2
    embed: bool = True
    fresh: bool = False
    reuse: bool = False  # a finished evaluation of the same plan is taken as it is


@dataclass(frozen=True, slots=True)
class Layout:
    """What the choices come to with the project's files: the same on every machine that has the same files."""

    loaded: LoadedSuite
    scorers: Sequence[Scorer]
    cases: list[Case]
    sampled: bool
    variants: list[Variant]
    repeats: int
    place: Project
    corpus: Path | None

    @property
    def items(self) -> list[PlannedRun]:
        return items(self.variants, self.cases, self.repeats)

    def runner(self, evaluation: str, plan: str, records: Records, choices: Choices, sink: Sink = ignore) -> Runner:
        suite = self.loaded.suite
        return Runner(
            evaluation=evaluation, plan=plan, records=records, scorers=self.scorers, slices=suite.slices,
            limits=suite.budget(), jobs=choices.jobs, embed=choices.embed, sink=sink,
        )  # fmt: skip

    def digest(self, project: Project, *, with_weights: bool = True) -> str:
        settings = [self.repeats, str(self.place.state)]
        return plan_digest(project, self.loaded, self.variants, self.cases, settings, with_weights=with_weights)


def lay_out(project: Project, name: str, choices: Choices) -> Layout:
    """Raises ConfigError for a broken suite or missing data."""
    loaded = load_suite(project, name)
    scorers = load_scorers(project, loaded)
    dataset, sampled = load_dataset(project, loaded, choices.data)
    cases = choose(dataset.cases, limit=choices.limit, sample=choices.sample, seed=choices.seed)
    variants = expand(loaded.suite, targets=choices.targets, models=choices.models, settings=choices.settings)
    fields = {name for case in dataset.cases for name in case.fields}
    if unknown := [name for name in loaded.suite.slices if name not in fields]:
        raise ConfigError(
            f"{loaded.path}: `slices` names '{unknown[0]}', which no case has",
            f"its cases have {', '.join(sorted(fields))}",
        )
    place, corpus = workspace(project, loaded.name, dataset, embed=choices.embed)
    repeats = choices.repeats or loaded.suite.repeats
    return Layout(loaded, scorers, cases, sampled, variants, repeats, place, corpus)
