"""Scorer: says that it does not know when it should (`declined`), and does not when it need not (`answered`).

Reads `answerable`; a case without it counts as answerable when it has `answers`.
"""

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import FAILED, Record
from agentflow.research.answers.abstention import abstains
from agentflow.status import RunStatus


def score(case: Case, record: Record) -> dict[str, float | None]:
    answerable = case.get("answerable", bool(case.get("answers")))
    declined = record.status is RunStatus.INSUFFICIENT or abstains(str(record.output.get("answer", "")))
    failed = record.status in (*FAILED, RunStatus.SPENT)
    right = not failed and declined != bool(answerable)
    return {
        "declined": None if answerable else float(right),
        "answered": float(right) if answerable else None,
        "abstention": float(right),
    }
