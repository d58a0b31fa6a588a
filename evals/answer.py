"""Scorer: the short answer against the accepted ones: `em` and `f1` by SQuAD's rules, `right` by required items.

Reads `answers`, and `accept` where there is one: for each required item one of its forms must occur as a whole token, and none
of `refuse`.
An unanswerable case (`answerable: false`, or no answers) is left to the scorer `abstention`.
"""

import re

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record
from agentflow.status import RunStatus
from agentflow.text.squad import exact_match, f1


def score(case: Case, record: Record) -> dict[str, float | None]:
    accepted = [str(answer) for answer in case.get("answers") or ()]
    if not accepted or case.get("answerable") is False:
        return {"em": None, "f1": None, **({"right": None} if "accept" in case.fields else {})}
    answer = str(record.output.get("answer", "")) if record.status is not RunStatus.INSUFFICIENT else ""
    found: dict[str, float | None] = {"em": exact_match(answer, accepted), "f1": f1(answer, accepted)}
    if "accept" in case.fields:
        told = all(any(holds(answer, form) for form in forms) for forms in case["accept"])
        found["right"] = float(told and not any(holds(answer, form) for form in case.get("refuse", ())))
    return found


def holds(answer: str, form: str) -> bool:
    """Whether the form occurs as a whole token: `3.1` is not in `3.10`. Case and runs of blanks do not count."""
    wanted = r"\s+".join(re.escape(part) for part in form.split())
    return bool(re.search(rf"(?<![\w.]){wanted}(?![\w]|\.\d)", answer, re.IGNORECASE))
