"""Scorer: where two documents disagree, `both` values are in the answer and the newer stands first (`newer_first`, of those
that name both); where they agree, the answer has the value and no second side (`told_once`).

Reads `newer` and `older`, empty where they agree.
"""

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record


def score(case: Case, record: Record) -> dict[str, float | None]:
    answer, newer, older = str(record.output.get("answer", "")), case["newer"], case["older"]
    if not older:
        told = newer in answer and not record.output.get("conflicts")
        return {"both": None, "newer_first": None, "told_once": float(told)}
    both = newer in answer and older in answer
    return {
        "both": float(both),
        "newer_first": float(answer.index(newer) < answer.index(older)) if both else None,
        "told_once": None,
    }
