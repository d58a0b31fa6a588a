"""A suite of sums with a scripted model that can answer them."""

import json
from pathlib import Path
from typing import Any

from agentflow.engine import Engine
from agentflow.evaluation.runner import OpenEngine
from agentflow.models.client.types import Request
from agentflow.testing import ScriptedModels

SUITE = """\
description: Sums and towns
cases: {path: cases.jsonl}
targets:
  direct: {graph: direct, inputs: {question: "{{ question }}"}}
scorers: [answer]
primary: f1
slices: [kind]
"""


def write_cases(root: Path, count: int) -> None:
    rows = [
        {
            "id": f"c{n}",
            "question": f"What is {n} plus one?",
            "answers": [str(n + 1)],
            "kind": "odd" if n % 2 else "even",
        }
        for n in range(count)
    ]
    (root / "evals" / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def adds_one(request: Request) -> dict[str, Any]:
    """Answers the questions of `write_cases` rightly."""
    words = request.messages[-1].content.split()
    return {"answer": str(int(words[words.index("is") + 1]) + 1)}


def never_right(request: Request) -> dict[str, Any]:
    return {"answer": "wrong"}


def engine_with(models: ScriptedModels) -> OpenEngine:
    """Every engine answers with the same script, whatever model is asked for."""
    return lambda place, _: Engine(place, pool=models)
