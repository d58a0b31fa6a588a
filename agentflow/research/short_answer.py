"""The answer as a person reads it: every part of the question, and both sides where documents disagree, newer first."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.research.abilities import can
from agentflow.research.forms.difference import sides
from agentflow.research.forms.records import told
from agentflow.research.overview import summary
from agentflow.research.question.planning import is_broad


def short_answer(context: Context, state: Mapping[str, Any]) -> str:
    """The answers, or the first claims where there are none; of an overview by a model that cannot explain always these, since
    one sentence would stand for an answer and others tell as much."""
    ids = list(dict.fromkeys(item["quote"] for item in state.get("found", [])))
    quotes = dict(zip(ids, context.quotes.load(ids), strict=True))
    broad = state.get("subject") is not None or is_broad(state["question"])
    explains = not broad or can(context, "reader", "explain") or tells_apart(state)
    if explains and (said := join_answers(state["answers"], state.get("conflicts", []), quotes)):
        return told(state["question"], said, len(state["plan"]), state["listed"]) if state.get("listed") else said
    claims = state["claims"] if broad else state["claims"][:1]
    rest = [context.quotes.load(claim["quotes"][:1])[0].path for claim in claims]
    return summary([claim["text"] for claim in claims], rest)


def tells_apart(state: Mapping[str, Any]) -> bool:
    """Whether an answer is about both things whose difference is asked for, or each of several parts has one."""
    if len(state["plan"]) == len(state["answers"]) > 1:
        return True
    asked = sides(state["question"])
    return asked is not None and any(asked.told_in(item["text"]) for item in state["answers"])


def join_answers(
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
    newer, older = (f"{side['text'].rstrip('.')} ({source_of(quotes[side['quote']])})" for side in sides)
    return f"{newer}, but {older}"


def source_of(evidence: Evidence) -> str:
    return f"{evidence.path}, {evidence.date[:10]}" if evidence.date else evidence.path
