"""The table of docs/results.md: baselines and the research graph, side by side, on the public sets.

    python benchmarks/evaluate.py --data ../shared/data --work /tmp/results --out docs/results.md

An evaluation that was stopped goes on, one that is finished is taken as it is: give the same command again. `--scale`
multiplies the numbers of cases.
"""

import argparse
import asyncio
import os
import platform
import time
from pathlib import Path

from agentflow import __version__
from agentflow.cli.eval_progress import EvalProgress
from agentflow.evaluation.evaluate import Choices, evaluate
from agentflow.evaluation.evaluation import Evaluation, history
from agentflow.evaluation.report import write_report
from agentflow.evaluation.summary import summarise
from agentflow.evaluation.tables import markdown
from agentflow.models.config import load_catalog
from agentflow.models.weights import load_weights, sha256_of
from agentflow.project import Project

CASES = {
    "qa": 24, "multihop_hotpotqa": 20, "multihop_musique": 20, "peps_questions": 24, "tool_calls": 60, "injection": 24,
    "retrieval": 225,
}  # fmt: skip
WORDS_ALONE = ("multihop_musique", "peps_questions", "retrieval")
"""Corpora searched without vectors: embedding 30,000 passages on two busy cores takes longer than the evaluation."""


def head(project: Project) -> str:
    catalog = load_catalog(project.models_files())
    model = catalog.resolve("default")
    sha = sha256_of(load_weights(model))[:16]
    return f"""# Results

Made by `python benchmarks/evaluate.py`, {time.strftime("%Y-%m-%d")}, agentflow {__version__}, model `{model.name}`
(weights sha256 {sha}…), {os.cpu_count()} cores of {platform.machine()} shared with other work: the seconds are those of a
busy machine, to be compared within a table and not beyond it. Samples are drawn with seed 0; every mean has its 95 %
interval, every comparison is paired over the same cases, with an exact test and Holm's correction.

`direct` is one call without documents, `rag` one call with the top eight passages, `research` the whole graph. A run
that ends without a valid answer counts as wrong.
"""


def done(project: Project, suite: str, cases: int) -> Evaluation | None:
    found = [e for e in history(project, suite) if e.finished and not e.sampled and e.cases == cases]
    return found[-1] if found else None


async def run(project: Project, suite: str, cases: int, data: Path, jobs: int) -> Evaluation:
    if found := done(project, suite, cases):
        return found
    with EvalProgress() as progress:
        choices = Choices(data=data, sample=cases, jobs=jobs, embed=suite not in WORDS_ALONE)
        return await evaluate(project, suite, choices, sink=progress)


def section(evaluation: Evaluation) -> str:
    words = "Searched by words alone (no vectors).\n" if evaluation.suite in WORDS_ALONE else ""
    return markdown(evaluation, summarise(evaluation)) + words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--suite", action="append", help="only this suite; repeatable")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    project = Project(given.work)
    sections = [head(project)]
    for suite in given.suite or CASES:
        evaluation = asyncio.run(run(project, suite, max(2, round(CASES[suite] * given.scale)), given.data, given.jobs))
        write_report(evaluation)
        sections.append(section(evaluation))
        given.out.write_text("\n".join(sections), "utf-8")


if __name__ == "__main__":
    main()
