"""One question read over passages together, and by a small model that is not sure of its answer over the nearest each alone.

Together, a passage that tells shows that another does not; alone, no other passage leads astray. Where the default model is
not sure, the surer of the two ways is right more often than either; a model of 1.5 billion parameters gains nothing by it
(measured: docs/results.md).
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.errors import ContextOverflow
from agentflow.models.client.types import Answer
from agentflow.prompts import Prompt
from agentflow.research.answers.abstention import abstains
from agentflow.research.answers.certainty import ALTERNATIVES, Certainty, certainty
from agentflow.research.answers.doubt import FIRM, UNSURE, echoes, unmet
from agentflow.research.answers.grounding import holds
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.passages.relevance import NEAR, in_its_words, ranking
from agentflow.research.passages.shown import Shown, fitting, numbered, plain, show
from agentflow.research.passages.titled import led_from, titled
from agentflow.research.question.kinds import unfit
from agentflow.research.question.planning import is_polar, wants_explanation
from agentflow.text.words import words

READABLE = 4  # passages that a model which cannot point can tell apart
FOUND = 3  # the place added to that of a passage, whose reciprocal counts beside its relevance
SETTLED = 0.6  # sureness from which a model is not asked again without its adapter
ALL, HALF = 0.9, 0.5  # of the question, by a sentence that surely speaks of it; by the least that may


class Reading(NamedTuple):
    """What a model said of the passages shown; `text` is empty when it says that they do not tell."""

    shown: Shown
    text: str
    number: int
    sure: Certainty

    @property
    def sureness(self) -> float:
        """The chance, 0..1, of how the answer begins, or of none."""
        return (1 - self.sure.none) * self.sure.begins if words(self.text) else self.sure.none

    def is_phrase(self, question: str) -> bool:
        """Whether it says something where a few words answer; how, why and whether a whole sentence does."""
        return bool(words(self.text)) and not wants_explanation(question) and not is_polar(question)

    def answers(self, question: str) -> bool:
        """Whether it says something, beyond the question and of the kind asked for."""
        passages = self.shown.passages
        title = passages[0].title if len(passages) == 1 else ""
        return (
            bool(words(self.text)) and not echoes(question, self.text, title) and not unfit(question, self.text, title)
        )


async def read(context: Context, prompt: Prompt, asked: Sequence[tuple[str, Shown]]) -> list[Reading]:
    """One reading of each question over what is shown for it, all sent together."""
    values = [{"passages": numbered(shown), "question": question} for question, shown in asked]
    answers = await context.ask_all("reader", prompt, values, logprobs=ALTERNATIVES)
    return [
        Reading(shown, one_line(said) if not abstains(said) else "", answer.data["sentence"], certainty(answer))
        for (_, shown), answer in zip(asked, answers, strict=True)
        for said in [answer.data["answer"]]
    ]


async def unadapted(context: Context, asked: Sequence[tuple[Rarity, Reading]]) -> list[list[Reading]]:
    """What the reader's weights say of the same passages without its adapter, in the plain form of one call, where the first
    reading is not settled and the passages tell it in other words, if at all: an adapter reads more literally. None of a model
    without an adapter of its own."""
    models, readings = context.models, [list[Reading]() for _ in asked]
    if models.catalog.resolve(models.model_of("reader")).base != models.model_of("writer"):
        return readings
    unsettled = [place for place, (rarity, first) in enumerate(asked) if is_unsettled(rarity, first)]
    values = [
        {"question": rarity.question, "passages": plain(first.shown.passages)}
        for rarity, first in (asked[place] for place in unsettled)
    ]
    try:
        answers = (
            await context.ask_all("writer", context.prompt("rag"), values, logprobs=ALTERNATIVES) if values else []
        )
    except CUT_SHORT as reason:
        context.note(f"not asked without the adapter: {reason}", "warning")
        return readings
    for place, answer in zip(unsettled, answers, strict=True):
        first, second = asked[place][1], plain_reading(asked[place][1].shown, answer)
        if words(second.text) != words(first.text):
            readings[place].append(second)
    return readings


def plain_reading(shown: Shown, answer: Answer) -> Reading:
    """Such a call names no sentence, and says in words that nothing tells."""
    text, sure = one_line(answer.data["answer"]), certainty(answer)
    return Reading(shown, "", 0, Certainty(none=sure.begins)) if abstains(text) else Reading(shown, text, 0, sure)


def is_unsettled(rarity: Rarity, first: Reading) -> bool:
    """Of an answer in few words. That the passages do not tell, an adapter knows better."""
    return (
        first.is_phrase(rarity.question)
        and first.sureness < SETTLED
        and not in_its_words(rarity, first.shown.sentences)
    )


def is_unsure(question: str, first: Reading) -> bool:
    """Whether the passages are worth a second look. What a whole sentence answers is not."""
    return first.is_phrase(question) and (first.sure.begins < FIRM or first.sure.none >= UNSURE)


async def nearest(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> list[tuple[Passage, float]]:
    """The passages that hold the sentences nearest to the question or were found first, READABLE at most, in the order they came
    in; each with the relevance of its nearest sentence, 0..1. By both, the passage that answers was among the four for .68 of
    268 questions on documentation, by the sentences alone for .65."""
    scores: dict[int, float] = {}
    for candidate, score in await ranking(context, rarity, show(passages).sentences):
        scores.setdefault(candidate.passage.chunk, score)
    places = {passage.chunk: place for place, passage in enumerate(passages)}
    chunks = sorted(scores, key=lambda chunk: -scores[chunk] - 1 / (places[chunk] + FOUND))[:READABLE]
    return [(passage, scores[passage.chunk]) for passage in passages if passage.chunk in chunks]


async def each(
    context: Context, prompt: Prompt, rarity: Rarity, first: Reading, few: Sequence[tuple[Passage, float]]
) -> list[Shown]:
    """Where the first reading is unsure, the `nearest` passages, each alone, as far as they are near enough to be read alone;
    none of a single one."""
    views: list[Shown] = []
    if len(few) < 2 or not is_unsure(rarity.question, first):
        return views
    for passage, score in few:
        if score >= NEAR:
            with suppress(ContextOverflow):  # another of them may be shorter
                views.append(await fitting(context, prompt, [passage], rarity))
    return views


async def overlooked(context: Context, prompt: Prompt, rarity: Rarity, first: Reading) -> list[Shown]:
    """What a model that reads all at once may have been led past, to be read alone: the passages of the document that the
    question names, else one with a sentence that says nearly all that is asked. What a whole sentence answers is not looked
    for again."""
    question = rarity.question
    if len(first.shown.passages) < 2 or not first.is_phrase(question):
        return []
    passages = passed_over(context, question, first) or nearly_told(rarity, first)
    return [await fitting(context, prompt, passages, rarity)] if passages else []


def passed_over(context: Context, question: str, first: Reading) -> list[Passage]:
    """The passages of the documents that the question names by title, when the answer stands neither in these nor in one
    that they lead to, by naming it or one that names it."""
    named = titled(context.corpus, question, context.searcher.scope)
    own = [passage for passage in first.shown.passages if passage.document in named]
    holding = {candidate.passage.document for candidate in first.shown.sentences if holds(candidate, first.text)}
    if holding & led_from(own, first.shown.passages):
        return []
    return own if len(own) < len(first.shown.passages) else []


def nearly_told(rarity: Rarity, first: Reading) -> list[Passage]:
    """The passage whose sentence says nearly all that is asked, when the answer stands in none like it."""
    told = [(rarity.coverage(candidate.text), candidate) for candidate in first.shown.sentences]
    if any(covers >= HALF and holds(candidate, first.text) for covers, candidate in told):
        return []
    covers, best = max(told, key=lambda pair: pair[0], default=(0.0, None))
    return [best.passage] if best and covers >= ALL and not echoes(rarity.question, best.text) else []


def surest(question: str, together: Reading, alone: Sequence[Reading]) -> list[Reading]:
    """The readings, the one first whose answer begins most surely, of those that say what is asked for, and of one passage
    only where it speaks of what the question names; together alone where that tells nothing."""
    sound = [together, *(reading for reading in alone if not unmet(question, reading.shown.passages[0]))]
    told = [reading for reading in sound if reading.answers(question)]
    if not words(together.text) or not told:
        return [together]
    said = Counter(" ".join(words(reading.text)) for reading in told)
    told.sort(key=lambda reading: reading.sureness, reverse=True)
    return [
        reading._replace(sure=reading.sure._replace(agreed=said[" ".join(words(reading.text))] > 1)) for reading in told
    ]


def alone_first(question: str, together: Sequence[Reading], alone: Sequence[Reading]) -> list[Reading]:
    """What was overlooked, when it answers, then what was said of all, the surer first and nothing behind a surer silence."""
    ranked = sorted(together, key=lambda reading: -reading.sureness)
    silent = next((place for place, reading in enumerate(ranked, 1) if not words(reading.text)), len(ranked))
    return [*(reading for reading in alone if reading.answers(question)), *ranked[:silent]]
