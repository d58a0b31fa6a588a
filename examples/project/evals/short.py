"""Scorer: `short`, 1 when the answer has at most `words` words."""

from agentflow import Case, Record


def score(case: Case, record: Record, words: int = 10) -> dict[str, float]:
    return {"short": float(len(record.output["answer"].split()) <= words)}
