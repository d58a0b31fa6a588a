"""act: the leaderboard's simple_python and irrelevance, and expressions for word problems with one operation."""

import importlib.util
import random
import re
from types import ModuleType
from typing import Any

import numpy as np

from agentflow.workflow.acting import moves, shown
from starter.config import ROOT
from starter.evaluate.local import Local
from starter.split import evaluation_rows
from starter.tasks import acting


def loader() -> ModuleType:
    """evals/bfcl_data.py, which gives the agent the leaderboard's functions."""
    spec = importlib.util.spec_from_file_location("starter_bfcl", ROOT / "evals" / "bfcl_data.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bfcl(local: Local, category: str) -> dict[str, float]:
    """Exact match: name and every argument among the accepted values; for irrelevance, no call."""
    rows = evaluation_rows(f"tools/bfcl/{category}.jsonl")
    function = loader().function
    offered = [[function(f) for f in row["functions"]] for row in rows]
    batch = [
        {"tools": shown(functions), "goal": row["messages"][-1]["content"], "steps": []}
        for functions, row in zip(offered, rows, strict=True)
    ]
    schemas = [moves(functions) for functions in offered]
    replies = [local.ask("act", values, schema) for values, schema in zip(batch, schemas, strict=True)]
    right = [bool(reply) and matches(reply, row) for reply, row in zip(replies, rows, strict=True)]
    chosen = [bool(reply) and names(reply, row) for reply, row in zip(replies, rows, strict=True)]
    return {"n": len(rows), "exact match": float(np.mean(right)), "right tool": float(np.mean(chosen))}


def names(reply: dict[str, Any], row: dict[str, Any]) -> bool:
    if not row["ground_truth"]:
        return bool(reply["tool"] == "answer")
    return any(reply["tool"] == name.replace(".", "_") for call in row["ground_truth"] for name in call)


def matches(reply: dict[str, Any], row: dict[str, Any]) -> bool:
    if not names(reply, row) or not row["ground_truth"]:
        return names(reply, row)
    ((_, accepted),) = row["ground_truth"][0].items()
    given = reply["arguments"]
    if set(given) - set(accepted):
        return False
    return all(same(given[k], v) if k in given else "" in v for k, v in accepted.items())


def same(given: Any, accepted: list[Any]) -> bool:
    return any(folded(given) == folded(value) for value in accepted)


def folded(value: Any) -> Any:
    """Strings without case, blanks and punctuation, as the leaderboard compares."""
    if isinstance(value, str):
        return re.sub(r"[\s,./\-_*^'\"]", "", value).lower()
    return [folded(item) for item in value] if isinstance(value, list) else value


def calculator(local: Local, count: int = 100, seed: int = 6) -> dict[str, float]:
    """The value of the expression: made problems of unseen numbers, and gsm8k_test problems with one operation."""
    rng = random.Random(seed)
    made = [acting.problem(rng) for _ in range(count)]
    tests = [
        (row["question"], marks[0][0], marks[0][1])
        for row in evaluation_rows("math/gsm8k_test.jsonl")
        if len(marks := re.findall(r"<<([^=<>]+)=([^<>]+)>>", row["answer"])) == 1
    ]
    table: dict[str, float] = {}
    for name, problems in (("made", made), ("gsm8k_test", tests)):
        tool = acting.tool("calculator", {"expression": "string"}, acting.CALCULATOR[0])
        batch = [{"tools": [tool], "goal": question, "steps": []} for question, _, _ in problems]
        schema = {
            "type": "object",
            "properties": {
                "tool": {"const": "calculator"},
                "arguments": {
                    "type": "object",
                    "properties": {"expression": {"type": "string", "maxLength": 80}},
                    "required": ["expression"],
                    "additionalProperties": False,
                },
            },
            "required": ["tool", "arguments"],
            "additionalProperties": False,
        }
        replies = [local.ask("act", values, schema) for values in batch]
        right = [
            bool(r) and equal(r["arguments"]["expression"], e) for r, (_, e, _) in zip(replies, problems, strict=True)
        ]
        table[f"{name} (n {len(problems)})"] = float(np.mean(right))
    return table


def equal(given: str, wanted: str) -> bool:
    """The same operands and operation; the order counts for - and / only."""
    a, b = (re.findall(r"[\d.]+|[-+*/]", text.replace(",", "")) for text in (given, wanted))
    return a == b or (len(a) == 3 and a[1] in "+*" and [a[2], a[1], a[0]] == b)
