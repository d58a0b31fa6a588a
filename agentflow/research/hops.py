"""A question of several hops, step by step: what has to be found first is asked alone, and its answer put in its place
(self-ask: Press et al. 2023)."""

import math
import re
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.filter import Filter
from agentflow.events import Searched
from agentflow.research.answering import answer
from agentflow.research.gathering import DIRECT
from agentflow.research.grounding import Reply
from agentflow.text.words import families

STEPS = 3  # of one question, at most
GAP = "#1"
ADDED = 2  # words that the first question may have of its own: `What is the name of ...`
LOST = 1  # words of the question that neither holds
NAMING = families("name")  # a rest such as `What is the name of #1?` asks for nothing more
SHARED = 0.5  # of the rest's words, that both may hold

# At the end of a question: `the state where the airport is`, `the country Ada Moss is from`; before its verb: `Ada Moss's home`.
CLAUSE = re.compile(
    r"\bthe \w+ (?:(?:where|that|which|who|whose|in which) [^,?]+|(?:[A-Z][\w.'-]* )+(?:is|was|are|were|comes|came)\b[^,?]*)(?=\s*\?$)"
)
OWNED = re.compile(r"\b(?:[A-Z][\w.-]* )*[A-Z][\w.-]*['’]s [a-z]\w*")


class FirstStep(NamedTuple):
    """`then` has GAP where the answer to `first` belongs."""

    first: str
    then: str


async def stepwise(context: Context, question: str, k: int, where: Filter | None) -> list[Reply]:
    """The replies to each step, the last one to the question; none when nothing has to be found first, or is found. Each step
    is searched for and read by itself.

    Raises BudgetSpent, ContextOverflow and Malformed.
    """
    found, rest, asked = list[Reply](), question, set[str]()
    while len(found) < STEPS and (step := await first_step(context, rest)):
        new = families(step.first).difference(*(families(said.text) for said in found))
        if new <= asked:  # the same again, of the answer to it
            break
        asked |= new
        said = await looked_up(context, step.first, k, where)
        if not said.evidence:
            break
        found.append(said)
        rest = step.then.replace(GAP, one_line(said.text).rstrip("."))
    if found and families(rest) - families(found[-1].text) <= NAMING:
        return [*found[:-1], replace(found[-1], question=question)]
    last = await looked_up(context, rest, k, where) if found else Reply(question)
    return [*found, replace(last, question=question)] if last.evidence else []


async def looked_up(context: Context, question: str, k: int, where: Filter | None) -> Reply:
    passages = await context.searcher.search(question, k=math.ceil(k * DIRECT), where=where)
    context.emit(Searched(query=question, passages=len(passages)))
    return (await answer(context, [question], passages))[0] if passages else Reply(question)


async def first_step(context: Context, question: str) -> FirstStep | None:
    """What the planner would find first, else what the question's own words do; None when neither divides it."""
    said = await context.ask("planner", context.prompt("first_step"), question=question)
    step = FirstStep(
        *(one_line(said.data.get(key, "")) for key in ("first", "then"))
    )  # a scripted model may not know it
    return next((one for one in (step, by_words(question)) if one and divides(question, one)), None)


def by_words(question: str) -> FirstStep | None:
    """A noun phrase that a clause at the end explains, or that belongs to a name: `the country that has Wendle in it`,
    `Wendle's country`."""
    phrase = CLAUSE.search(question) or OWNED.search(question)
    return FirstStep(f"What is {phrase[0]}?", question.replace(phrase[0], GAP)) if phrase else None


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
