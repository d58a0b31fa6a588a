"""One corpus whole, and the same in thirds at three sites: are the same passages found, and the same answers given?

    uv run python -m benchmarks.sites DATA --questions 30 [--answers]

DATA holds corpora/peps and peps_questions/public.jsonl. By words alone. Prints a table; docs/sites.md tells the figures.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.passage import Passage
from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.federation.settings import SiteGrant
from agentflow.identity.caller import Grants
from agentflow.identity.keys import Keys
from agentflow.project import Project
from agentflow.runs.store import RunStore
from benchmarks.research import right
from benchmarks.sets import rows

K = 5
SITES = 3


def project_of(root: Path, files: list[Path], sites: dict[str, Any]) -> Project:
    root.mkdir(parents=True, exist_ok=True)
    (root / "models.yaml").write_text("models: {}\n")
    if sites:
        (root / "sites.yaml").write_text(json.dumps({"sites": sites}))
    project = Project(root)
    corpus = Corpus.open(project.database, create=True)
    if files:
        asyncio.run(ingest(corpus, files, embedder=None))
    corpus.close()
    return project


@contextmanager
def served(project: Project) -> Iterator[dict[str, Any]]:
    """`agentflow site` of the project; what sites.yaml says of it."""
    store = RunStore(project.database)
    variable = f"BENCH_{project.root.name.upper()}"
    os.environ[variable] = Keys(store, "").add(f"asker {time.time()}", Grants(graphs=[], tools=[], site=SiteGrant()))
    store.close()
    command = [sys.executable, "-m", "agentflow", "site", "--port", "0", "--json", "--project", str(project.root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        url = json.loads(process.stdout.readline())["url"]
        yield {"url": url, "key": variable, "send": "searches", "seconds": 60}
    finally:
        process.terminate()
        process.wait()


def place(passage: Passage) -> str:
    return f"{Path(passage.path.partition(':')[2] or passage.path).name}:{passage.start}"


async def measured(project: Project, questions: list[dict[str, Any]], *, answers: bool) -> list[dict[str, Any]]:
    told = []
    async with Engine(project) as engine:
        for question in questions:
            started = time.perf_counter()
            found = await engine.search(question["question"], k=K)
            row = {"places": [place(one) for one in found], "seconds": time.perf_counter() - started}
            row["recall"] = any(one.startswith(f"{question['doc']}.rst:") for one in row["places"])
            if answers:
                output = (await engine.run("research", {"question": question["question"], "knowledge": "off"})).output
                row["right"] = right(output["answer"], question["accept"])
            told.append(row)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--answers", action="store_true", help="research each question as well, by the default model")
    parser.add_argument("--folder", type=Path, default=Path(".agentflow/bench-sites"))
    options = parser.parse_args()
    known = [row for row in rows(options.data / "peps_questions" / "public.jsonl") if row["answerable"]]
    questions = random.Random(1).sample(known, options.questions)
    files = sorted((options.data / "corpora" / "peps").resolve().glob("*.rst"))
    whole = project_of(options.folder / "whole", files, {})
    with ExitStack() as stack:
        parts = [project_of(options.folder / f"part{n}", files[n::SITES], {}) for n in range(SITES)]
        asker = project_of(
            options.folder / "asker", [], {part.root.name: stack.enter_context(served(part)) for part in parts}
        )
        one = asyncio.run(measured(whole, questions, answers=options.answers))
        three = asyncio.run(measured(asker, questions, answers=options.answers))
    same = [len(set(a["places"]) & set(b["places"])) / K for a, b in zip(one, three, strict=True)]
    first = [a["places"][:1] == b["places"][:1] for a, b in zip(one, three, strict=True)]
    print(f"| {len(questions)} questions | one project | three sites |\n|---|---:|---:|")
    for name in ("recall", "right") if options.answers else ("recall",):
        shown = {"recall": f"gold document in the first {K} passages", "right": "answer right"}[name]
        print(f"| {shown} | {sum(row[name] for row in one)} | {sum(row[name] for row in three)} |")
    seconds = [statistics.median(row["seconds"] for row in told) for told in (one, three)]
    print(f"| search, median seconds | {seconds[0]:.3f} | {seconds[1]:.3f} |")
    print(
        f"\nOf the first {K} passages {statistics.mean(same):.0%} are the same, and the first one in {sum(first)} of {len(first)}."
    )


if __name__ == "__main__":
    main()
