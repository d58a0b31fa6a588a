"""Scorer: where two documents disagree, `both` values are in the answer and the newer stands first (`newer_first`, of those
that name both); where they agree, the answer has the value and no second side (`told_once`).

Reads `newer` and `older`, empty where they agree. Values count as whole words, numbers in one form: 66 % is 66 percent.
"""

import re

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record
from agentflow.text.numbers import in_digits


def score(case: Case, record: Record) -> dict[str, float | None]:
    answer = str(record.output.get("answer", ""))
    newer, older = place(case["newer"], answer), place(case["older"], answer)
    if not case["older"]:
        told = newer is not None and not record.output.get("conflicts")
        return {"both": None, "newer_first": None, "told_once": float(told)}
    both = newer is not None and older is not None
    first = float(newer < older) if newer is not None and older is not None else None
    return {"both": float(both), "newer_first": first, "told_once": None}


def place(value: str, answer: str) -> int | None:
    """Where the value begins in the answer; None when it is not there."""
    found = re.search(rf"(?<![\w.]){re.escape(in_digits(value))}(?!\w|\.\d)", in_digits(answer))
    return found.start() if found else None
