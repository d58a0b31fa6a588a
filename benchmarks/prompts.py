"""Wordings of the prompts, side by side on the same cases: a change stays only if this says so.

    python -m benchmarks.prompts --data ../shared/data --work /tmp/prompts --model qwen2.5-coder-1.5b now=graphs/prompts shorter=my/prompts

The first variant is what the others are compared with, paired by case. A variant is a folder with the prompt files that
differ; the rest is taken from graphs/prompts. What was stopped goes on when the command is given again.
"""

import argparse
import asyncio
import shutil
from pathlib import Path

from rich.console import Console

from agentflow import bundled
from agentflow.cli.eval_progress import EvalProgress
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.layout import Choices
from agentflow.evaluation.summary import compare_evaluations, summarise
from agentflow.evaluation.tables import sentence, terminal
from agentflow.project import Project


def variant(work: Path, name: str, prompts: Path) -> Project:
    """A project of the variant's own, with all prompts in one folder: one may extend another."""
    folder = work / name / "graphs" / "prompts"
    shutil.copytree(bundled.ROOT / "graphs" / "prompts", folder, dirs_exist_ok=True)
    for file in prompts.glob("*.yaml"):
        shutil.copy(file, folder)
    models = work / "models.yaml"  # of a person who measures a model of their own
    shutil.copy(models, work / name) if models.is_file() else (work / name / "models.yaml").write_text("models: {}\n")
    return Project(work / name)


async def measured(project: Project, given: argparse.Namespace) -> Evaluation:
    models = [{"default": given.model}] if given.model else []
    with EvalProgress() as progress:
        choices = Choices(
            data=given.data, targets=["research"], models=models, sample=given.cases, jobs=1, embed=not given.no_embed, reuse=True
        )  # fmt: skip
        return await evaluate(project, given.suite, choices, sink=progress)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--suite", default="qa")
    parser.add_argument("--model", default="")
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--no-embed", action="store_true", help="search by words alone")
    given = parser.parse_args()
    named = dict(item.split("=", 1) for item in given.variants)
    found = {}
    for name, folder in named.items():
        found[name] = asyncio.run(measured(variant(given.work, name, Path(folder)), given))
    console = Console()
    first, *others = found.items()
    for name, evaluation in found.items():
        console.rule(name)
        console.print(terminal(evaluation, summarise(evaluation)))
    for name, evaluation in others:
        for item in compare_evaluations(first[1], evaluation):
            console.print(f"{name} against {first[0]}: {sentence(item)}")


if __name__ == "__main__":
    main()
