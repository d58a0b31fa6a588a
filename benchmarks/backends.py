"""The research graph, unchanged, on every server that is there: does each answer keep its schema, and how long does it take?

    python -m benchmarks.backends DATA [--questions 4]

DATA holds corpora/peps and peps_questions/public.jsonl. $AGENTFLOW_LLAMA_SERVER names the program llama-server;
$AGENTFLOW_VLLM the program vllm and $AGENTFLOW_VLLM_MODEL the model as a Hugging Face folder. Search is by words alone.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from agentflow import bundled
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.search import HybridSearcher
from agentflow.engine import Engine
from agentflow.events import Event, ModelAnswered
from agentflow.project import Project
from benchmarks.research import sample

STARTER = bundled.ROOT / "starter" / "weights" / "starter.gguf"
RESULTS = Path(__file__).parent / "results" / "backends.json"
DOCUMENTS = 40


def entries() -> dict[str, dict[str, Any]]:
    """The same weights behind each server."""
    common = {"context": 4096, "parallel": 8, "abilities": "none"}
    found: dict[str, dict[str, Any]] = {"embedded": {"backend": "llama", "weights": str(STARTER), **common}}
    if program := os.environ.get("AGENTFLOW_LLAMA_SERVER"):
        speculation = {"method": "ngram-simple", "lookup_max": 3}
        found["llama-server"] = {
            "backend": "llama-server", "weights": str(STARTER), "command": program, "speculation": speculation, **common,
        }  # fmt: skip
    if program := os.environ.get("AGENTFLOW_VLLM"):
        found["vllm"] = {
            "backend": "vllm", "weights": os.environ["AGENTFLOW_VLLM_MODEL"], "command": program, **common,
            "context": 2048, "args": ["--dtype", "bfloat16", "--enforce-eager"], "timeout": {"start": 1800},
            "env": {"VLLM_TARGET_DEVICE": "cpu", "VLLM_CPU_KVCACHE_SPACE": "1"},
            "speculation": {"method": "ngram", "max_draft": 5},
        }  # fmt: skip
    return found


async def measure(project: Path, name: str, questions: list[dict[str, Any]], data: Path) -> dict[str, Any]:
    seen: list[ModelAnswered] = []

    def listen(event: Event) -> None:
        if isinstance(event, ModelAnswered):
            seen.append(event)

    async with Engine(Project(project), models={"default": name}, sink=listen) as engine:
        engine.own = HybridSearcher(engine.corpus, None)
        await ingest(engine.corpus, sorted((data / "corpora" / "peps").rglob("*.*"))[:DOCUMENTS], embedder=None)
        # The first one starts the server.
        await engine.run("research", {"question": questions[0]["question"], "knowledge": "off"})
        seen.clear()
        seconds, ended = [], []
        for question in questions[1:]:
            began = time.perf_counter()
            outcome = await engine.run("research", {"question": question["question"], "knowledge": "off"})
            seconds.append(time.perf_counter() - began)
            ended.append(outcome.status)
    return {
        "runs": len(ended),
        "ended": ", ".join(f"{status} {count}" for status, count in Counter(ended).items()),
        "model calls": len(seen),
        "prompt tokens": sum(event.prompt_tokens for event in seen),
        "written tokens": sum(event.completion_tokens for event in seen),
        "seconds a run": round(statistics.median(seconds), 2),
    }


def main(data: Path, questions: Annotated[int, typer.Option()] = 4, out: Path = RESULTS) -> None:
    """A schema that is broken fails its run."""
    asked = sample(data / "peps_questions" / "public.jsonl", questions + 1, seed=2)
    results: dict[str, Any] = json.loads(out.read_text("utf-8")) if out.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models.yaml").write_text(yaml.safe_dump({"models": entries()}), "utf-8")
        for name in entries():
            results[name] = asyncio.run(measure(Path(folder), name, asked, data))
            out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    table = Table("server", *next(iter(results.values())))
    for name, row in results.items():
        table.add_row(name, *map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
