"""Sub-questions: what to look up, kept honest about where their words come from."""

from collections.abc import Sequence
from typing import NamedTuple

from agentflow.context import Context
from agentflow.research.evidence import one_line
from agentflow.research.reading import is_small
from agentflow.words import content_words, coverage

MOST = 5


class Plan(NamedTuple):
    """`questions` are answered each, the person's own first; `queries` are further words to search for the first."""

    questions: list[str]
    queries: list[str]


async def plan(context: Context, question: str) -> Plan:
    """One to six sub-questions. Those of a small model only widen the search: it invents what it asks about."""
    answer = await context.ask("planner", context.prompt("plan"), question=question)
    proposed = [one_line(item) for item in answer.data["questions"]]
    small = is_small(context, "planner")
    parts = useful(question, proposed, small=small)
    if lost := len(proposed) - len(parts):
        context.note(f"{lost} planned questions repeat another or have nothing to do with the question")
    return Plan([question], parts) if small else Plan([question, *parts], [])


def useful(question: str, proposed: Sequence[str], *, small: bool) -> list[str]:
    """What asks for something else than the question and shares words with it; of a small model, only its words."""
    least = 1.0 if small else 0.0
    related = [item for item in proposed if coverage(question, item) > 0 and coverage(item, question) >= least]
    return distinct(related, besides=[question])[:MOST]


def distinct(questions: Sequence[str], *, besides: Sequence[str]) -> list[str]:
    """Questions whose content words differ from those before them; a question of stop words alone is none."""
    seen: set[frozenset[str]] = {frozenset(content_words(item)) for item in besides} | {frozenset()}
    fresh = []
    for item in questions:
        if (key := frozenset(content_words(item))) not in seen:
            seen.add(key)
            fresh.append(item)
    return fresh


class Retry(NamedTuple):
    """Another way to search for a question that is still open."""

    question: str
    query: str


async def reflect(context: Context, found: dict[str, list[str]], tried: Sequence[str]) -> list[Retry]:
    """What to search for next: nothing when the evidence is enough. `found` maps a sub-question to its quotes."""
    asked = list(found)
    items = [{"question": question, "quotes": quotes} for question, quotes in found.items()]
    answer = await context.ask("planner", context.prompt("reflect"), questions=items)
    retries: dict[str, Retry] = {}
    for number, query in zip(answer.data["open"], answer.data["search"], strict=False):
        if number <= len(asked) and coverage(asked[number - 1], query) > 0:
            retries.setdefault(one_line(query), Retry(asked[number - 1], one_line(query)))
    return [retries[query] for query in distinct(list(retries), besides=tried)]
