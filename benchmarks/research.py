"""The main job on real questions: does every run end, is every quote where it says, is the gold document found?

    uv run python benchmarks/research.py DATA --sample 50 [--model NAME]

DATA holds corpora/peps and peps_questions/public.jsonl. Prints a table.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from agentflow.budget import Limits
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.search import HybridSearcher
from agentflow.engine import Engine
from agentflow.project import Project


def sample(path: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """Answerable and unanswerable questions in the share of the whole file."""
    questions = [json.loads(line) for line in path.open(encoding="utf-8")]
    return random.Random(seed).sample(questions, count)


def verbatim(root: Path, quote: dict[str, Any]) -> bool:
    """Whether the quote stands in the file, character for character, on the lines from the one it names."""
    lines = (root / quote["path"]).read_text("utf-8").split("\n")
    return quote["quote"] in "\n".join(lines[quote["line"] - 1 : quote["line"] + quote["quote"].count("\n")])


def right(answer: str, accept: list[list[str]]) -> bool:
    """Every required item occurs, in one of its forms, as whole words (the data set's own rule)."""
    return all(
        any(re.search(rf"(?<![\w.]){re.escape(form)}(?![\w])", answer, re.IGNORECASE) for form in forms)
        for forms in accept
    )


async def ask(engine: Engine, question: dict[str, Any], limits: Limits) -> dict[str, Any]:
    started = time.perf_counter()
    outcome = await engine.run("research", {"question": question["question"], "knowledge": "off"}, limits=limits)
    output = outcome.output or {"evidence": [], "claims": [], "answer": "", "support_rate": 0.0}
    return {
        "id": question["id"],
        "answerable": question["answerable"],
        "status": outcome.status,
        "quotes": len(output["evidence"]),
        "verbatim": sum(verbatim(engine.project.root, quote) for quote in output["evidence"]),
        "gold": any(Path(quote["path"]).stem == question["doc"] for quote in output["evidence"]),
        "right": question["answerable"] and right(output["answer"], question["accept"]),
        "support_rate": output["support_rate"],
        "answer": output["answer"],
        "seconds": time.perf_counter() - started,
    }


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model")
    parser.add_argument("--lexical", action="store_true", help="search by words alone: nothing is embedded")
    parser.add_argument("--project", type=Path, default=Path(".agentflow/bench-peps"))
    options = parser.parse_args()
    questions = sample(options.data / "peps_questions" / "public.jsonl", options.sample, options.seed)
    options.project.mkdir(parents=True, exist_ok=True)
    models = {"default": options.model} if options.model else {}
    async with Engine(Project(options.project), models=models) as engine:
        if options.lexical:
            engine.own = HybridSearcher(engine.corpus, None)
        embedder = None if options.lexical else engine.embedder
        await ingest(engine.corpus, [options.data / "corpora" / "peps"], embedder=embedder)
        rows = [await ask(engine, question, Limits()) for question in track(questions, console=Console(stderr=True))]
    show(summary(rows))


def summary(rows: list[dict[str, Any]]) -> dict[str, float]:
    answerable = [row for row in rows if row["answerable"]]
    unanswerable = [row for row in rows if not row["answerable"]]
    quotes = sum(row["quotes"] for row in rows)
    return {
        "questions": len(rows),
        "ended normally": share(row["status"] in ("answered", "insufficient") for row in rows),
        "quotes": quotes,
        "quotes verbatim at the named line": sum(row["verbatim"] for row in rows) / quotes if quotes else 1.0,
        "evidence includes the gold document": share(row["gold"] for row in answerable),
        "answerable: answered": share(row["status"] == "answered" for row in answerable),
        "answerable: answer right": share(row["right"] for row in answerable),
        "unanswerable": len(unanswerable),
        "unanswerable: not enough evidence": share(row["status"] == "insufficient" for row in unanswerable),
        "claims supported as written": statistics.mean(row["support_rate"] for row in rows),
        "median seconds": statistics.median(row["seconds"] for row in rows),
    }


def share(flags: Any) -> float:
    values = [bool(flag) for flag in flags]
    return sum(values) / len(values) if values else 0.0


def show(figures: dict[str, float]) -> None:
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
