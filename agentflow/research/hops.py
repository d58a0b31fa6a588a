"""A question of several hops, step by step: what has to be found first is asked alone, and its answer put in its place
(self-ask: Press et al. 2023)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.research.grounding import Reply
from agentflow.text.words import families

STEPS = 3  # of one question, at most
GAP = "#1"
ADDED = 2  # words that the first question may have of its own: `What is the name of ...`
LOST = 1  # words of the question that neither holds
SHARED = 0.5  # of the rest's words, that both may hold

Ask = Callable[[str], Awaitable[Reply]]


class FirstStep(NamedTuple):
    """`then` has GAP where the answer to `first` belongs."""

    first: str
    then: str


async def stepwise(context: Context, question: str, ask: Ask) -> list[Reply]:
    """The replies to each step, the last one to the question; none when nothing has to be found first, or is found. `ask`
    searches and reads for one question."""
    found, rest = list[Reply](), question
    while len(found) < STEPS and (step := await first_step(context, rest)):
        said = await ask(step.first)
        if not said.evidence:
            break
        found.append(said)
        rest = step.then.replace(GAP, one_line(said.text).rstrip("."))
    last = await ask(rest) if found else Reply(question)
    return [*found, replace(last, question=question)] if last.evidence else []


async def first_step(context: Context, question: str) -> FirstStep | None:
    """What the planner would find first; None when it names nothing, or nothing that is part of the question."""
    answer = await context.ask("planner", context.prompt("first_step"), question=question)
    step = FirstStep(one_line(answer.data["first"]), one_line(answer.data["then"]))
    return step if divides(question, step) else None


def divides(question: str, step: FirstStep) -> bool:
    """Whether both steps are parts of the question: made of its words, each of fewer, and not of the same ones."""
    asked, first, rest = families(question), families(step.first), families(step.then.replace(GAP, " "))
    own = len(first - asked) <= ADDED and len(rest - asked) <= ADDED
    less = bool(first & asked) and bool(rest) and len(first & asked) < len(asked)
    return (
        GAP in step.then
        and own
        and less
        and len(first & rest) <= SHARED * len(rest)
        and len(asked - first - rest) <= LOST
    )
