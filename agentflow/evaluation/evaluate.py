"""`evaluate`: a suite from its file to its scored results."""

import time
from pathlib import Path

from agentflow.evaluation.evaluation import Evaluation, history, next_id, results_folder
from agentflow.evaluation.layout import Choices, Layout, lay_out
from agentflow.evaluation.plan import described
from agentflow.evaluation.runner import OpenEngine
from agentflow.evaluation.scoring import load_scorers, score
from agentflow.evaluation.suite import load_suite
from agentflow.events import Note, Sink, ignore
from agentflow.project import Project

DEFAULT = Choices()


async def evaluate(
    project: Project,
    name: str,
    choices: Choices = DEFAULT,
    *,
    sink: Sink = ignore,
    open_engine: OpenEngine | None = None,
    on_ray: bool = False,
) -> Evaluation:
    """Runs a suite by name or path, or goes on with it where an unfinished evaluation of the same plan stopped.

    Raises ConfigError for a broken suite or missing data, Unavailable when a model is gone; what was done is kept.
    """
    layout = lay_out(project, name, choices)
    if layout.sampled:
        path, count = layout.loaded.suite.cases.path, len(layout.cases)
        sink(Note(text=f"'{path}' is not in place: the sample that ships is used ({count} cases)"))
    evaluation = _open(project, layout, choices)
    if evaluation.finished:
        return evaluation
    runner = layout.runner(evaluation.id, evaluation.plan, evaluation.records, choices, sink)
    if on_ray:
        from agentflow.evaluation.on_ray import CaseOrders, bench_on_ray

        same = layout.digest(project, with_weights=False)
        bench = bench_on_ray(CaseOrders(project.root, name, choices, evaluation.id, evaluation.plan, same))
    else:
        bench = runner.here(layout.place, layout.corpus, open_engine or _engines(sink))
    await runner.run(layout.items, bench)
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


def _open(project: Project, layout: Layout, choices: Choices) -> Evaluation:
    """The unfinished evaluation of the same plan (with `reuse` also a finished one), or a new one."""
    loaded, suite, variants, cases = layout.loaded, layout.loaded.suite, layout.variants, layout.cases
    plan = layout.digest(project)
    known = [e for e in history(project, loaded.name) if e.plan == plan and (choices.reuse or not e.finished)]
    if known and not choices.fresh:
        return known[-1]
    id = next_id(project, loaded.name)
    baseline = next((v.name for v in variants if v.name.split(" ")[0] == suite.baseline), variants[0].name)
    evaluation = Evaluation(
        id=id, suite=loaded.name, description=suite.description, plan=plan, created=_now(),
        folder=results_folder(project) / id, variants={v.name: described(v) for v in variants}, baseline=baseline,
        primary=suite.primary, metrics=suite.metrics, slices=suite.slices, cases=len(cases), repeats=layout.repeats,
        data=suite.sample.path if layout.sampled and suite.sample else suite.cases.path,
        sampled=layout.sampled, workspace=str(layout.place.state),
    )  # fmt: skip
    evaluation.save(cases)
    return evaluation


def _engines(sink: Sink) -> OpenEngine:
    from agentflow.engine import Engine

    return lambda place, models: Engine(place, models=models, sink=sink)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
