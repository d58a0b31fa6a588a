"""`evaluate`: a suite from its file to its scored results."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.evaluation.dataset import Case, choose
from agentflow.evaluation.evaluation import Evaluation, history, next_id, results_folder
from agentflow.evaluation.plan import described, plan_digest
from agentflow.evaluation.runner import OpenEngine, Runner, items
from agentflow.evaluation.scoring import load_scorers, score
from agentflow.evaluation.suite import LoadedSuite, load_dataset, load_suite
from agentflow.evaluation.variants import Variant, expand
from agentflow.evaluation.workspace import workspace
from agentflow.events import Note, Sink, ignore
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


async def evaluate(
    project: Project,
    name: str,
    choices: Choices = Choices(),
    *,
    sink: Sink = ignore,
    open_engine: OpenEngine | None = None,
) -> Evaluation:
    """Runs a suite by name or path, or goes on with it where an unfinished evaluation of the same plan stopped.

    Raises ConfigError for a broken suite or missing data, Unavailable when a model is gone; what was done is kept.
    """
    loaded = load_suite(project, name)
    scorers = load_scorers(project, loaded)
    dataset, sampled = load_dataset(project, loaded, choices.data)
    cases = choose(dataset.cases, limit=choices.limit, sample=choices.sample, seed=choices.seed)
    suite = loaded.suite
    variants = expand(suite, targets=choices.targets, models=choices.models, settings=choices.settings)
    place, corpus = workspace(project, loaded.name, dataset, embed=choices.embed)
    if sampled:
        sink(Note(text=f"'{suite.cases.path}' is not in place: the sample that ships is used ({len(cases)} cases)"))
    evaluation = _open(project, loaded, variants, cases, sampled, choices, place)
    if evaluation.finished:
        return evaluation
    runner = Runner(
        evaluation=evaluation.id, plan=evaluation.plan, records=evaluation.records, scorers=scorers, slices=suite.slices,
        limits=suite.budget(), jobs=choices.jobs, embed=choices.embed, sink=sink,
    )  # fmt: skip
    await runner.run(items(variants, cases, evaluation.repeats), place, corpus, open_engine or _engines(sink))
    evaluation.finished = _now()
    evaluation.save()
    return evaluation


async def rescore(project: Project, evaluation: Evaluation) -> Evaluation:
    """Scores what was recorded again, after a scorer was changed: nothing is run, no model is asked."""
    from agentflow.engine import Engine

    loaded = load_suite(project, evaluation.suite)
    scorers, cases = load_scorers(project, loaded), evaluation.load_cases()
    home = project.with_state(Path(evaluation.workspace))
    async with Engine(home) as engine:
        from agentflow.evaluation.runner import texts

        services = {"documents": texts(engine), "engine": engine}
        evaluation.records.replace([await score(scorers, cases[r.case], r, services) for r in evaluation.results()])
    return evaluation


def _open(
    project: Project,
    loaded: LoadedSuite,
    variants: list[Variant],
    cases: list[Case],
    sampled: bool,
    choices: Choices,
    place: Project,
) -> Evaluation:
    """The unfinished evaluation of the same plan (with `reuse` also a finished one), or a new one."""
    suite = loaded.suite
    repeats = choices.repeats or suite.repeats
    plan = plan_digest(project, loaded, variants, cases, [repeats, str(place.state)])
    known = [e for e in history(project, loaded.name) if e.plan == plan and (choices.reuse or not e.finished)]
    if known and not choices.fresh:
        return known[-1]
    id = next_id(project, loaded.name)
    baseline = next((v.name for v in variants if v.name.split(" ")[0] == suite.baseline), variants[0].name)
    evaluation = Evaluation(
        id=id, suite=loaded.name, description=suite.description, plan=plan, created=_now(),
        folder=results_folder(project) / id, variants={v.name: described(v) for v in variants}, baseline=baseline,
        primary=suite.primary, metrics=suite.metrics, slices=suite.slices, cases=len(cases), repeats=repeats,
        data=suite.sample.path if sampled and suite.sample else suite.cases.path, sampled=sampled, workspace=str(place.state),
    )  # fmt: skip
    evaluation.save(cases)
    return evaluation


def _engines(sink: Sink) -> OpenEngine:
    from agentflow.engine import Engine

    return lambda place, models: Engine(place, models=models, sink=sink)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
