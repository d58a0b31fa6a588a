"""Scorer: speed. `tokens_per_second`: completion tokens over the run's seconds."""

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record


def score(case: Case, record: Record) -> dict[str, float | None]:
    tokens = record.usage.get("completion", 0)
    return {"tokens_per_second": tokens / record.seconds if record.seconds and tokens else None}
