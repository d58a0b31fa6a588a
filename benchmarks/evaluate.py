"""A page of results: baselines and the research graph, side by side, on the public sets.

    python -m benchmarks.evaluate --data ../shared/data --work /tmp/results --out /tmp/results.md

A command that was stopped or killed goes on when it is given again: what is finished, with the same weights, graphs and
prompts, is taken as it is. `--scale` multiplies the numbers of cases, `--suite` names the suites to run.
"""

import argparse
import asyncio
import re
import time
from pathlib import Path

from agentflow import __version__
from agentflow.cli.eval_progress import EvalProgress
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.layout import Choices
from agentflow.evaluation.report import write_report
from agentflow.evaluation.summary import Summary, SummaryRow, summarise
from agentflow.evaluation.tables import cell, markdown, value
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.weights.hashes import sha256_of
from agentflow.models.weights.locate import load_weights
from agentflow.project import Project
from benchmarks.machine import MACHINE

CASES = {
    "retrieval": 225, "qa": 60, "tool_calls": 40, "injection": 24, "multihop_hotpotqa": 24, "multihop_musique": 24,
    "peps_questions": 24, "disagreement": 39,
}  # fmt: skip
"""Enough for a table in 25 minutes on two quiet cores; `--scale` for more."""
WORDS_ALONE = ("multihop_musique", "peps_questions", "retrieval")
"""Corpora searched without vectors: embedding 30,000 passages on two cores takes longer than the evaluation."""

Found = list[tuple[Evaluation, Summary]]


def head(project: Project, jobs: int) -> str:
    model = load_catalog(project.models_files()).resolve("default")
    sha = sha256_of(load_weights(model))[:16]
    return f"""# Results

Made by `python -m benchmarks.evaluate`, {time.strftime("%Y-%m-%d")}, agentflow {__version__}, model `{model.name}`
(weights sha256 {sha}…), {MACHINE}. Samples are drawn with seed 0; every mean has its 95 % interval, every comparison is
paired over the same cases, with an exact test and Holm's correction.

`direct` is one call without documents, `rag` one call with the top eight passages, `research` the whole graph; `agent`
calls tools, `search` asks no model. A run that ends without a valid answer counts as wrong. {jobs} runs at a time:
seconds are those of one run, to be compared within this page.
"""


def overview(found: Found) -> str:
    """One line a suite: its primary metric, tokens and seconds of each baseline and of the graph."""
    lines = [
        "## Side by side",
        "",
        "| suite | cases | metric | direct | rag | research, agent or search |",
        "|---|---:|---|---|---|---|",
    ]
    for evaluation, summary in found:
        rows = {row.variant: row for row in summary.rows}
        graph = next(row for name, row in reversed(rows.items()) if name not in ("direct", "rag"))
        cells = [brief(evaluation.primary, row) for row in (rows.get("direct"), rows.get("rag"), graph)]
        lines.append(f"| {evaluation.suite} | {evaluation.cases} | {evaluation.primary} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", "Each cell: the mean with its interval; tokens and seconds of a run.", ""])


def brief(metric: str, row: SummaryRow | None) -> str:
    if row is None:
        return "–"
    tokens, seconds = (value(name, row.estimates[name].mean) for name in ("tokens", "seconds"))
    return f"{cell(metric, row.estimates[metric])}; {tokens}; {seconds} s"


def section(evaluation: Evaluation, summary: Summary) -> str:
    words = "Searched by words alone (no vectors).\n" if evaluation.suite in WORDS_ALONE else ""
    return markdown(evaluation, summary) + words


def document(project: Project, found: Found, remarks: str, jobs: int) -> str:
    return "\n".join(
        [head(project, jobs), overview(found), remarks, "## Suite by suite\n", *(section(*item) for item in found)]
    )


def remarks(path: Path) -> str:
    """What a person wrote under `## What it says` stays."""
    text = path.read_text("utf-8") if path.is_file() else ""
    kept = re.search(r"^## What it says$.*?(?=^## )", text, re.DOTALL | re.MULTILINE)
    return kept.group() if kept else ""


async def run(project: Project, suite: str, cases: int, data: Path, jobs: int) -> Evaluation:
    with EvalProgress() as progress:
        choices = Choices(data=data, sample=cases, jobs=jobs, embed=suite not in WORDS_ALONE, reuse=True)
        return await evaluate(project, suite, choices, sink=progress)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--suite", action="append", choices=list(CASES), help="only this suite; repeatable")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    project, found = Project(given.work), []
    said = remarks(given.out)
    for suite in given.suite or CASES:
        evaluation = asyncio.run(run(project, suite, max(2, round(CASES[suite] * given.scale)), given.data, given.jobs))
        write_report(evaluation)
        found.append((evaluation, summarise(evaluation)))
        given.out.write_text(document(project, found, said, given.jobs), "utf-8")


if __name__ == "__main__":
    main()
