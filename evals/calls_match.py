"""Scorer: tool calls against the accepted ones by the leaderboard's AST rules (`call_match`), the names alone (`tool`),
and whether every call's arguments fit its schema (`valid`; a run without calls has none).

Reads `functions`, `declared` and `ground_truth`; the output's `steps` are {tool, arguments}.
"""

from collections import Counter

from jsonschema import Draft202012Validator

from agentflow.evaluation.bfcl import matches
from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record


def score(case: Case, record: Record) -> dict[str, float | None]:
    if "steps" not in record.output:
        return {"call_match": 0.0, "tool": 0.0, "valid": None}
    steps = record.output["steps"]
    given = {
        function["name"]: declared["name"]
        for function, declared in zip(case["functions"], case["declared"], strict=True)
    }
    calls = [(given[step["tool"]], step["arguments"]) for step in steps]
    wanted = Counter(next(iter(accepted)) for accepted in case["ground_truth"])
    schemas = {function["name"]: Draft202012Validator(function["parameters"]) for function in case["functions"]}
    return {
        "call_match": float(matches(calls, case["declared"], case["ground_truth"])),
        "tool": float(Counter(name for name, _ in calls) == wanted),
        "valid": float(all(schemas[step["tool"]].is_valid(step["arguments"]) for step in steps)) if steps else None,
    }
