"""The answer as a person reads it: every part of the question, and both sides where documents disagree, newer first."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentflow.corpus.evidence import Evidence


def worded(
    answers: Sequence[Mapping[str, Any]], conflicts: Sequence[Mapping[str, Any]], quotes: Mapping[str, Evidence]
) -> str:
    """Built from verified answers alone, without a further model call. `answers` have question, text and quote (an id);
    `conflicts` have question, text and quote of the other side."""
    against = {conflict["question"]: conflict for conflict in conflicts}
    lines = [side_by_side(item, against[item["question"]], quotes) if item["question"] in against else item["text"]
             for item in answers]  # fmt: skip
    return "; ".join(dict.fromkeys(line.rstrip(".;") if len(lines) > 1 else line for line in lines))


def side_by_side(one: Mapping[str, Any], other: Mapping[str, Any], quotes: Mapping[str, Evidence]) -> str:
    sides = sorted((one, other), key=lambda side: quotes[side["quote"]].date, reverse=True)
    newer, older = (f"{side['text'].rstrip('.')} ({told(quotes[side['quote']])})" for side in sides)
    return f"{newer}, but {older}"


def told(evidence: Evidence) -> str:
    return f"{evidence.path}, {evidence.date[:10]}" if evidence.date else evidence.path
