"""Questions on technical documentation as a person asks them: how to do something, what something is.

    python -m benchmarks.howto --data ../shared/data --work /tmp/howto --model smollm2-research

Sixty-five questions on the documentation of seven Python projects, and twenty that it does not answer (howto.tsv). An answer is right
when it, or the quote it rests on, matches what is accepted; nobody tells apart a good and a poor instruction that name the same command.
Where nothing is accepted, no answer is right.
"""

import argparse
import asyncio
import csv
import re
import statistics
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from agentflow.calibration.verdict import wilson
from agentflow.engine import Engine
from agentflow.project import Project

QUESTIONS = Path(__file__).with_name("howto.tsv")


class Answered(NamedTuple):
    """`text` is the answer with the quotes of its claims, empty for none; `calls` of the model."""

    question: str
    kind: str
    text: str
    right: bool
    calls: int
    seconds: float


async def answered(engine: Engine, row: dict[str, str], models: dict[str, str]) -> Answered:
    outcome = await engine.run("research", {"question": row["question"], "knowledge": "off"}, models=models)
    text = told(outcome.output or {})
    accepted = row["accepted"]
    right = bool(text) and re.search(accepted, text) is not None if accepted else not text
    return Answered(row["question"], kind(row), text, right, outcome.usage.calls, outcome.seconds)


def kind(row: dict[str, str]) -> str:
    if not row["accepted"]:
        return "not told"
    return "how to" if row["question"].startswith("How") else "what is"


def told(output: dict[str, Any]) -> str:
    cited = {number for claim in output.get("claims", []) for number in claim["evidence"]}
    quotes = [item["quote"] for item in output.get("evidence", []) if item["id"] in cited]
    return "\n".join([output["answer"], *quotes]) if output.get("answer") else ""


async def measure(given: argparse.Namespace) -> list[Answered]:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    given.work.mkdir(parents=True, exist_ok=True)
    if not (given.work / "models.yaml").exists():
        (given.work / "models.yaml").write_text("models: {}\n", "utf-8")
    async with Engine(Project(given.work)) as engine:
        await engine.ingest([given.data / "corpora" / "pylibs"])
        models = {"default": given.model} if given.model else {}
        return [await answered(engine, row, models) for row in track(rows[: given.questions], "questions")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", default="")
    parser.add_argument("--questions", type=int, default=None)
    found = asyncio.run(measure(parser.parse_args()))
    console = Console()
    table = Table("", "right", "without an answer", "answered by the model", "seconds (median)")
    for name in ("how to", "what is", "not told"):
        if rows := [item for item in found if item.kind == name]:
            low, high = wilson(sum(item.right for item in rows), len(rows))
            table.add_row(
                name,
                f"{sum(item.right for item in rows)} of {len(rows)} [{low:.2f}, {high:.2f}]",
                str(sum(not item.text for item in rows)),
                str(sum(item.calls > 0 for item in rows)),
                f"{statistics.median(item.seconds for item in rows):.1f}",
            )
    console.print(table)
    for item in found:
        if not item.right:
            console.print(
                f"- {item.question} {item.text.splitlines()[0][:120] if item.text else 'no answer'}", markup=False
            )


if __name__ == "__main__":
    main()
