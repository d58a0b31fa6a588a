"""One question read several ways by a model that loses its way among passages: the nearest together, and each alone.

Together, a passage that tells shows that another does not; alone, no other passage leads astray. Each way is right where
the other is wrong often enough that the surer one of the two is right more often than either (measured: docs/results.md).
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage
from agentflow.errors import ContextOverflow
from agentflow.models.client.types import Answer
from agentflow.prompts import Prompt
from agentflow.research.abstention import abstains
from agentflow.research.certainty import Certainty, certainty
from agentflow.research.doubt import echoes, unmet
from agentflow.research.grounding import NEAR, ranking
from agentflow.research.kinds import unfit
from agentflow.research.planning import is_polar, wants_explanation
from agentflow.research.relevance import Rarity
from agentflow.research.shown import Shown, fitting, show
from agentflow.text.words import words

READABLE = 4  # passages that a model which cannot point can tell apart


class Reading(NamedTuple):
    """What a model said of the passages shown; `text` is empty when it says that they do not tell."""

    shown: Shown
    text: str
    number: int
    sure: Certainty

    def answers(self, question: str) -> bool:
        """Whether it says something, beyond the question and of the kind asked for."""
        source = self.shown.passages[0].source
        return bool(words(self.text)) and not echoes(question, self.text) and not unfit(question, self.text, source)


def reading(answer: Answer, shown: Shown) -> Reading:
    said = answer.data["answer"]
    return Reading(shown, "" if abstains(said) else one_line(said), answer.data["sentence"], certainty(answer))


async def few(context: Context, prompt: Prompt, rarity: Rarity, passages: Sequence[Passage]) -> list[Shown]:
    """The passages that hold the sentences nearest to the question, READABLE at most: together, in the order they came in;
    then alone each that is near enough to be trusted alone. What is answered by a whole sentence is read once."""
    question = rarity.question
    ranked = await ranking(context, rarity, show(passages).sentences)
    scores: dict[int, float] = {}
    for candidate, score in ranked:
        scores.setdefault(candidate.passage.chunk, score)
    chunks = list(scores)[:READABLE]
    near = [passage for passage in passages if passage.chunk in chunks]
    views = [await fitting(context, "reader", prompt, near, question=question)]
    if len(near) > 1 and not wants_explanation(question) and not is_polar(question):
        for passage in near:
            if scores[passage.chunk] >= NEAR:
                with suppress(ContextOverflow):  # the first of the few may be shorter
                    views.append(await fitting(context, "reader", prompt, [passage], question=question))
    return views


def surest(question: str, together: Reading, alone: Sequence[Reading]) -> Reading:
    """The reading whose answer begins most surely, of those that say what is asked for, and of one passage only where it
    speaks of what the question names; none where the passages together tell nothing."""
    if not words(together.text):
        return together
    sound = [together, *(reading for reading in alone if not unmet(question, reading.shown.passages[0]))]
    told = [reading for reading in sound if reading.answers(question)]
    best = max(told, key=lambda reading: (1 - reading.sure.none) * reading.sure.begins, default=together)
    agreed = sum(words(reading.text) == words(best.text) for reading in told) > 1
    return best._replace(sure=best.sure._replace(agreed=agreed))
