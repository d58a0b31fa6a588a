"""Does it help to know what earlier runs verified, and does it ever give a worse answer?

    uv run python -m benchmarks.knowledge DATA --questions 24 --work FOLDER

DATA holds qa/dev.jsonl. Questions are asked twice; then others on the same paragraphs, without and with claims of the first
ones read again. Prints a table; broken off, the same command goes on.
"""

import argparse
import asyncio
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.text.squad import exact_match, f1
from benchmarks.sets import rows

PARAGRAPHS = 150


class Asked(NamedTuple):
    case: str
    answer: str
    f1: float
    em: float
    tokens: int
    seconds: float
    repeats: bool
    recalled: bool


def pairs(path: Path, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """The first question of each of `count` paragraphs, the second of each, and PARAGRAPHS to look for them in."""
    asked: dict[str, list[dict[str, Any]]] = {}
    for row in rows(path):
        asked.setdefault(row["context"], []).append(row)
    several = [found for found in asked.values() if len(found) > 1]
    chosen = several[:: max(1, len(several) // count)][:count]
    contexts = dict.fromkeys([found[0]["context"] for found in chosen] + list(asked))
    return [found[0] for found in chosen], [found[1] for found in chosen], list(contexts)[:PARAGRAPHS]


async def ask(engine: Engine, name: str, cases: list[dict[str, Any]], knowledge: str) -> list[Asked]:
    told = []
    for case in cases:
        run, inputs = f"{name}-{case['id']}", {"question": case["question"].strip(), "knowledge": knowledge}
        known = engine.store.exists(run)
        outcome = await (engine.resume(run) if known else engine.run("research", inputs, run_id=run))
        answers = [answer["text"] for answer in case["answers"]]
        said = outcome.output["answer"]
        recalled = any(claim["known"] and claim["known"]["recalled"] for claim in outcome.output["claims"])
        told.append(
            Asked(case["id"], said, f1(said, answers), exact_match(said, answers), outcome.usage.tokens, outcome.seconds,
                  bool(outcome.output["repeats"]), recalled)
        )  # fmt: skip
    return told


async def measured(root: Path, data: Path, count: int, model: str) -> dict[str, list[Asked]]:
    first, second, contexts = pairs(data / "qa" / "dev.jsonl", count)
    docs = root / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    (root / "models.yaml").write_text("models: {}\n")
    for number, text in enumerate(contexts):
        (docs / f"p{number:04}.txt").write_text(text)
    async with Engine(Project(root), models={"default": model} if model else {}) as engine:
        await engine.ingest([docs])
        told = {
            "first time": await ask(engine, "first", first, "same"),
            "the same again": await ask(engine, "again", first, "same"),
            "others, nothing used": [],
            "others, `related`": [],
        }
        for case in second:
            told["others, nothing used"] += await ask(engine, "others", [case], "off")
            told["others, `related`"] += await ask(engine, "related", [case], "related")
        return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--model", default="", help="instead of the default")
    parser.add_argument("--work", type=Path, default=Path(".agentflow/bench-knowledge"))
    options = parser.parse_args()
    told = asyncio.run(measured(options.work, options.data, options.questions, options.model))
    print("| | F1 | exact | answered | tokens | seconds | known |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, asked in told.items():
        known = sum(each.repeats or each.recalled for each in asked)
        print(
            f"| {name} | {mean(each.f1 for each in asked):.3f} | {sum(each.em for each in asked):.0f} | {sum(bool(each.answer) for each in asked)} "
            f"| {mean(each.tokens for each in asked):.0f} | {mean(each.seconds for each in asked):.2f} | {known} |"
        )
    for one, other in (("first time", "the same again"), ("others, nothing used", "others, `related`")):
        for a, b in zip(told[one], told[other], strict=True):
            if a.answer != b.answer:
                print(f"\n{a.case}: {a.answer!r} (F1 {a.f1:.2f}), then {b.answer!r} ({b.f1:.2f})")


if __name__ == "__main__":
    main()
