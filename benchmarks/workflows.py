"""Every workflow that ships, on 60 Python Enhancement Proposals with the starter: what came out, and whether it holds.

    python -m benchmarks.workflows --data ../shared/data --work /tmp/workflows --out benchmarks/results/workflows.md

Searched by words alone. Every quote of a result is looked up in its document.
"""

import argparse
import asyncio
import csv
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.budget import Limits
from agentflow.corpus.ingest import ingest
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from benchmarks.machine import MACHINE

PEPS = (1, 8, 20, 234, 237, 238, 255, 257, 274, 285, 289, 308, 318, 333, 342, 343, 352, 380, 405, 420, 427, 440,
        465, 484, 492, 498, 508, 517, 518, 525, 526, 530, 544, 557, 563, 572, 585, 589, 602, 604, 612, 621, 634, 636,
        649, 654, 668, 684, 695, 701, 703, 709, 734, 3102, 3105, 3107, 3129, 3132, 3156, 3333)  # fmt: skip
TEXT = (
    "Set the union of two types with the operator X | Y. The with statement was proposed in PEP 343. "
    "PEP 8 recommends 4 spaces per indentation level. Python has no lambda expressions. "
    "The f-string syntax was removed in Python 3.12."
)


@dataclass(frozen=True, slots=True)
class Case:
    """`parts` counts what makes the result non-empty."""

    graph: str
    inputs: dict[str, Any]
    parts: Callable[[dict[str, Any]], int]
    what: str


CASES = (
    Case("literature_review", {"topic": "type hints for function arguments"}, lambda o: len(o["sections"]), "sections"),
    Case("compare", {"first": "generators", "second": "coroutines"}, lambda o: filled(o["rows"]), "filled cells of 6"),
    Case("extract_table", {"columns": ["author", "status", "created"], "limit": 5}, lambda o: values(o), "values of 15"),
    Case("fact_check", {"text": TEXT}, lambda o: len(o["verdicts"]), "verdicts"),
    Case("watch_folder", {"interest": "syntax that changes"}, lambda o: len(o["news"]), "changes"),
    Case("glossary", {"limit": 8}, lambda o: len(o["entries"]), "definitions"),
    Case("multi_hop", {"question": "What does an assignment expression do, and where may it be used?"}, lambda o: len(o["claims"]), "claims"),
    Case("contradictions", {"topic": "the default branch of a conditional expression"}, lambda o: len(o["compared"]), "statements compared"),
    Case("agent", {"goal": "What is 17 * 23 + 4?"}, lambda o: int(bool(o["answer"])), "answer"),
    Case("research", {"question": "Why were f-strings proposed?"}, lambda o: len(o["claims"]), "claims"),
)  # fmt: skip


def filled(rows: list[dict[str, Any]]) -> int:
    return sum(bool(row[side]) for row in rows for side in ("first", "second"))


def values(output: dict[str, Any]) -> int:
    """The CSV has the rows of the result, and a value for most cells."""
    with Path(output["file"]).open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["document", "author", "status", "created"] and len(rows) == len(output["rows"])
    return sum(bool(value) for row in rows for value in row[1:])


def quotes(value: Any) -> Iterator[tuple[str, str]]:
    """Document and text of every quote in a result, at any depth."""
    match value:
        case {"id": str(), "text": str() as text, "document": str() as document}:
            yield document, text
        case {"id": int(), "quote": str() as text, "path": str() as document}:
            yield document, text
        case dict():
            for item in value.values():
                yield from quotes(item)
        case list():
            for item in value:
                yield from quotes(item)


def wrong(engine: Engine, outcome: Outcome, case: Case) -> str:
    """Why the result does not count, empty when it does."""
    if outcome.status not in ("done", "answered"):
        return f"{outcome.status}: {outcome.message}"
    if not case.parts(outcome.output):
        return "an empty result"
    for path, text in quotes(outcome.output):
        if " ".join(text.split()) not in " ".join(engine.corpus.text(engine.corpus.document(path).id).split()):
            return f"a quote that {path} does not hold: {text[:80]}"
    return ""


async def prepared(data: Path, work: Path) -> Engine:
    """An engine, not yet opened, whose project has the 60 documents."""
    documents = work / "peps"
    documents.mkdir(parents=True, exist_ok=True)
    for number in PEPS:
        shutil.copy(data / "corpora" / "peps" / f"pep-{number:04}.rst", documents)
    return Engine(Project(work))


async def run_all(data: Path, work: Path, told: Callable[[str], None] = print) -> list[tuple[Case, Outcome, str]]:
    found = []
    async with await prepared(data, work) as engine:
        started = time.perf_counter()
        await ingest(engine.corpus, [work / "peps"], embedder=None)
        told(f"{len(PEPS)} documents read in {time.perf_counter() - started:.0f} s")
        for case in CASES:
            outcome = await engine.run(case.graph, case.inputs, limits=Limits(seconds=600))
            found.append((case, outcome, wrong(engine, outcome, case)))
            told(row(*found[-1]))
    return found


def row(case: Case, outcome: Outcome, problem: str) -> str:
    parts = problem or f"{case.parts(outcome.output)} {case.what}"
    cited = len(set(quotes(outcome.output)))
    tokens = outcome.usage.tokens
    return f"| {case.graph} | {outcome.status} | {parts} | {cited} | {outcome.usage.calls} | {tokens:,} | {outcome.seconds:.1f} |"


def table(found: list[tuple[Case, Outcome, str]]) -> str:
    return f"""# The workflows that ship, on {len(PEPS)} PEPs with the starter

Made by `python -m benchmarks.workflows`, {time.strftime("%Y-%m-%d")}, {MACHINE}. Searched by words alone; every quote of
a result was found verbatim in its document. It shows that each workflow runs to its end and holds together, not that
what the small model says is right: [results](../../docs/results.md) are about that.

| workflow | status | result | quotes | model calls | tokens | seconds |
|---|---|---|---:|---:|---:|---:|
""" + "".join(row(*item) + "\n" for item in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.write_text(table(asyncio.run(run_all(given.data, given.work))), "utf-8")


if __name__ == "__main__":
    main()
