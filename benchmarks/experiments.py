"""Made data sets with an effect, none, or a confounder: what the experiment graph concludes of each.

    python -m benchmarks.experiments --work /tmp/experiments --model q15 --seeds 12 --wording free

A conclusion is right when an effect is shown in its direction, no effect is "not shown", and what a third column makes is "not shown"
with that column named. A "not shown" of a real effect is safe, and counted by itself; whatever else is said is wrong.
"""

import argparse
import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from agentflow.engine import Engine
from agentflow.experiments.folder import reproduce
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from benchmarks.experiment_sets import Made, make

TRUTHS = ("effect", "null", "trap")


class Concluded(NamedTuple):
    made: Made
    verdict: str  # right, safe or wrong
    columns: bool  # those that the question is about were tested
    calls: int
    seconds: float
    answer: str
    same: bool | None  # run again, byte for byte; None where nothing was run


async def concluded(made: Made, model: str, root: Path) -> Concluded:
    models = {"default": model} if model else {}
    (made.folder / "models.yaml").write_text((root / "models.yaml").read_text("utf-8"), "utf-8")
    pool = None if model else ScriptedModels(lambda request: {"outcome": "none"}, abilities=())
    async with Engine(Project(made.folder), models=models, pool=pool) as engine:
        await engine.ingest([made.folder])
        outcome = await engine.run("experiment", {"question": made.question}, docs=[made.folder])
    output = outcome.output or {}
    first = output["hypotheses"][0] if output.get("hypotheses") else None
    columns = first is not None and {first["hypothesis"]["outcome"], first["hypothesis"]["group"]} == {
        made.outcome,
        made.group,
    }
    same = None
    if output.get("folder"):
        again = reproduce(Path(output["folder"]), made.folder / "again", 120)
        same = not again.different
    return Concluded(
        made, judged(made, first, columns), columns, outcome.usage.calls, outcome.seconds,
        output.get("answer") or outcome.message, same,
    )  # fmt: skip


def judged(made: Made, first: dict[str, Any] | None, columns: bool) -> str:
    if first is None:
        return "safe"
    if not columns:
        return "safe" if first["verdict"] == "not shown" else "wrong"
    if made.truth == "effect":
        right = first["verdict"] == "shown" and (first["result"]["effect"] > 0) == (made.direction == "higher")
        return "right" if right else "safe" if first["verdict"] == "not shown" else "wrong"
    if first["verdict"] != "not shown":
        return "wrong"
    named = made.truth == "null" or made.confounder in first["conclusion"]
    return "right" if named else "safe"


async def measure(given: argparse.Namespace) -> list[Concluded]:
    shutil.rmtree(given.work, ignore_errors=True)
    given.work.mkdir(parents=True)
    (given.work / "models.yaml").write_text(
        given.models.read_text("utf-8") if given.models else "models: {}\n", "utf-8"
    )
    found = []
    for truth in TRUTHS:
        for seed in range(given.first, given.first + given.seeds):
            found.append(await concluded(make(given.work, truth, seed, given.wording), given.model, given.work))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="is emptied")
    parser.add_argument("--model", default="", help="of models.yaml; without one words alone find the columns")
    parser.add_argument("--models", type=Path, help="a models.yaml")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--wording", choices=("plain", "free"), default="plain")
    found = asyncio.run(measure(parser.parse_args()))
    console = Console(width=160)
    table = Table("", "right", "safe", "wrong", "columns", "again the same", "model calls")
    for truth in TRUTHS:
        rows = [item for item in found if item.made.truth == truth]
        counts = Counter(item.verdict for item in rows)
        ran = [item.same for item in rows if item.same is not None]
        table.add_row(
            f"{truth} ({len(rows)}; n {min(r.made.rows for r in rows)}-{max(r.made.rows for r in rows)})",
            *(str(counts[name]) for name in ("right", "safe", "wrong")),
            str(sum(item.columns for item in rows)), f"{sum(ran)} of {len(ran)}", str(sum(item.calls for item in rows)),
        )  # fmt: skip
    console.print(table)
    for item in found:
        if item.verdict != "right":
            console.print(
                f"- {item.verdict}: {item.made.folder.name} n={item.made.rows} {item.made.question} {item.answer[:300]}",
                markup=False,
            )


if __name__ == "__main__":
    main()
