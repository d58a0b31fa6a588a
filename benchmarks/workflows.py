"""Every workflow that ships, on 60 Python Enhancement Proposals: what came out, how much of it is right, and whether it holds.

    python -m benchmarks.workflows --data ../shared/data --work /tmp/workflows --out benchmarks/results/workflows.md

Searched by words alone. Every quote of a result is looked up in its document. The project of `--work` may have a models.yaml.
"""

import argparse
import asyncio
import csv
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.budget import Limits
from agentflow.corpus.ingest.ingest import ingest
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from benchmarks.machine import MACHINE

PEPS = (1, 8, 20, 234, 237, 238, 255, 257, 274, 285, 289, 308, 318, 333, 342, 343, 352, 380, 405, 420, 427, 440,
        465, 484, 492, 498, 508, 517, 518, 525, 526, 530, 544, 557, 563, 572, 585, 589, 602, 604, 612, 621, 634, 636,
        649, 654, 668, 684, 695, 701, 703, 709, 734, 3102, 3105, 3107, 3129, 3132, 3156, 3333)  # fmt: skip
HEADER = ("author", "status", "created", "python version", "requires")
STATED = {
    "Use 4 spaces per indentation level.": "supported",
    "Limit all lines to a maximum of 79 characters.": "supported",
    "Spaces are the preferred indentation method.": "supported",
    "Asynchronous generators are 2x faster than an equivalent implemented as an asynchronous iterator.": "supported",
    "Limit all lines to a maximum of 100 characters.": "contradicted",
    "Spaces are not the preferred indentation method.": "contradicted",
    "Asynchronous generators are 5x faster than an equivalent implemented as an asynchronous iterator.": "contradicted",
    "The BDFL's guiding principles for Python's design are put into 30 aphorisms.": "contradicted",
    "The Moon orbits the Earth in 27 days.": "unsupported",
    "Elephants eat plants all day.": "unsupported",
    "Python programs run on the machines of the postal service.": "unsupported",
    "The harbour of Rotterdam is not the largest of Europe.": "unsupported",
}


@dataclass(frozen=True, slots=True)
class Case:
    """`right` counts what of a result is right, of how many; where that takes a reader, what there is of it."""

    graph: str
    inputs: dict[str, Any]
    right: Callable[[dict[str, Any], Path], tuple[int, int]]
    what: str


def held(key: str) -> Callable[[dict[str, Any], Path], tuple[int, int]]:
    return lambda output, work: (len(output[key]),) * 2


def rows_right(output: dict[str, Any], work: Path) -> tuple[int, int]:
    """Cells that say what the header says, an empty one where it says nothing; the CSV has the rows of the result."""
    with Path(output["file"]).open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["document", *HEADER] and len(rows) == len(output["rows"])
    cells = [(work / row[0], column, value) for row in rows for column, value in zip(header[1:], row[1:], strict=True)]
    return sum(" ".join(value.split()) == stated(*cell) for *cell, value in cells), len(cells)


def stated(path: Path, column: str) -> str:
    """The value of a field of the header, with its further lines."""
    head = path.read_text("utf-8").split("\n\n", 1)[0]
    found = re.search(rf"(?im)^{column.replace(' ', '-')}: (.*(?:\n[ \t]+.*)*)", head)
    return " ".join(found[1].split()) if found else ""


def verdicts_right(output: dict[str, Any], work: Path) -> tuple[int, int]:
    return sum(STATED[item["claim"]] == item["support"] for item in output["verdicts"]), len(STATED)


CASES = (
    Case("extract_table", {"columns": list(HEADER), "limit": 12}, rows_right, "cells right"),
    Case("fact_check", {"text": " ".join(STATED)}, verdicts_right, "verdicts right"),
    Case("glossary", {"limit": 20}, held("entries"), "terms defined"),
    Case("contradictions", {"topic": "indentation with spaces"}, held("compared"), "statements compared"),
    Case("compare", {"first": "generators", "second": "coroutines"}, held("rows"), "aspects told of"),
    Case("literature_review", {"topic": "type hints for function arguments"}, held("documents"), "documents told of"),
    Case("watch_folder", {"interest": "syntax that changes"}, held("news"), "changes"),
    Case("agent", {"goal": "What is 17 * 23 + 4?"}, lambda output, work: (int("395" in output["answer"]), 1), "right"),
    Case("research", {"question": "Why were f-strings proposed?"}, held("claims"), "claims"),
)  # fmt: skip


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
    if not case.right(outcome.output, engine.project.root)[0]:
        return "nothing of the result is right"
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
            told(row(*found[-1], work))
    return found


def row(case: Case, outcome: Outcome, problem: str, work: Path) -> str:
    right, of = case.right(outcome.output, work) if outcome.output else (0, 0)
    told = f"{right} {case.what}" if right == of else f"{right} of {of} {case.what}"
    cited, tokens = len(set(quotes(outcome.output))), outcome.usage.tokens
    return f"| {case.graph} | {outcome.status} | {problem or told} | {cited} | {outcome.usage.calls} | {tokens:,} | {outcome.seconds:.1f} |"


def table(found: list[tuple[Case, Outcome, str]], work: Path) -> str:
    model = next(outcome.model for _, outcome, _ in found if outcome.model)
    return f"""# The workflows that ship, on {len(PEPS)} PEPs with {model}

Made by `python -m benchmarks.workflows`, {time.strftime("%Y-%m-%d")}, {MACHINE}. Searched by words alone; every quote of
a result was found verbatim in its document. A cell is right when it says what the document's header says, and empty where that says
nothing.

| workflow | status | result | quotes | model calls | tokens | seconds |
|---|---|---|---:|---:|---:|---:|
""" + "".join(row(*item, work) + "\n" for item in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.write_text(table(asyncio.run(run_all(given.data, given.work)), given.work), "utf-8")


if __name__ == "__main__":
    main()
