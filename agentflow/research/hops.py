"""A question of several hops, step by step: what has to be found first is asked alone, and its answer put in its place
(self-ask: Press et al. 2023)."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite, one_line
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.events import Searched
from agentflow.research.answers.answering import answer
from agentflow.research.findings import Answered, Finding, better, keep
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.titled import plain
from agentflow.research.reply import Reply
from agentflow.text.words import families

NARROW = 0.6  # of the passages of a whole question, for one step of it
LED = 0.5  # relevance of a sentence that leads to the answer's document
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
SPEAKS = 0.25  # of the question, that a sentence covers that leads from it
ADDS = 0.1  # of it, that the answer's own passage does not


class FirstStep(NamedTuple):
    """`then` has GAP where the answer to `first` belongs."""

    first: str
    then: str


class Hopped(NamedTuple):
    """The answer to a question that was taken step by step, the ids of the quotes that lead to it, and all that was found."""

    answer: Answered | None
    leading: list[str]
    found: list[Finding]


async def answer_by_steps(
    context: Context, question: str, before: Answered | None, shown: Sequence[Passage], k: int, where: Filter | None
) -> Hopped:
    """The better answer of the one `before` and that of the steps; one that stays gets the sentence among those shown that
    leads to its document. Raises what `stepwise` does."""
    replies = await stepwise(context, question, k, where)
    found = [keep(context, reply.evidence, reply.question, reply.covered) for reply in replies if reply.evidence]
    answer = better(before, replies[-1]) if found else before
    if answer is None or (found and answer["quote"] == found[-1]["quote"]):
        return Hopped(answer, [item["quote"] for item in found[:-1]], found)
    (sentence,) = context.quotes.load([answer["quote"]])
    leading = link(Rarity(context.corpus, question), sentence, shown)
    if leading is None:
        return Hopped(answer, [], found)
    step = keep(context, cite(context.corpus, *leading), question, LED)
    return Hopped(answer, [step["quote"]], [*found, step])


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
        said = await search_and_answer(context, step.first, k, where)
        if not said.evidence:
            break
        found.append(said)
        rest = step.then.replace(GAP, one_line(said.text).rstrip("."))
    if found and families(rest) - families(found[-1].text) <= NAMING:
        return [*found[:-1], replace(found[-1], question=question)]
    last = await search_and_answer(context, rest, k, where) if found else Reply(question)
    return [*found, replace(last, question=question)] if last.evidence else []


async def search_and_answer(context: Context, question: str, k: int, where: Filter | None) -> Reply:
    passages = await context.searcher.search(question, k=math.ceil(k * NARROW), where=where)
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


def link(rarity: Rarity, answer: Evidence, passages: Sequence[Passage]) -> Candidate | None:
    """The sentence of another document that names the answer's by its title, and speaks most of what the question says
    beyond the answer's passage; None when the answer needs none."""
    own = [passage for passage in passages if passage.path == answer.path and answer.quote in passage.text]
    title = plain(own[0].title) if own else ""
    if len(title) <= 5:
        return None
    known = f"{own[0].source} {own[0].text}"
    naming = [
        candidate
        for candidate in show(passages).sentences
        if candidate.passage.document != own[0].document
        and title in plain(candidate.text)
        and rarity.coverage(f"{candidate.source} {candidate.text}") >= SPEAKS
    ]
    spoken = [(rarity.coverage(f"{known} {one.source} {one.text}"), one) for one in naming]
    best, candidate = max(spoken, key=lambda pair: pair[0], default=(0.0, None))
    return candidate if best - rarity.coverage(known) >= ADDS else None
