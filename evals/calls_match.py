"""Scorer: tool calls against the accepted ones by the leaderboard's AST rules (`call_match`), and the names alone (`tool`).

Reads `functions` and `ground_truth`; the output's `calls` are {name, arguments}.
"""

from collections import Counter

from agentflow.evaluation.bfcl import matches
from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record


def score(case: Case, record: Record) -> dict[str, float | None]:
    if "calls" not in record.output:
        return {"call_match": 0.0, "tool": 0.0}
    calls = [(call["name"], call["arguments"]) for call in record.output["calls"]]
    wanted = Counter(next(iter(accepted)) for accepted in case["ground_truth"])
    return {
        "call_match": float(matches(calls, case["functions"], case["ground_truth"])),
        "tool": float(Counter(name for name, _ in calls) == wanted),
    }
