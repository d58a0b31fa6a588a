"""A question that a document asks itself and answers beneath it, as pages of questions and answers and interviews do."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.chunks import is_question
from agentflow.corpus.passage import Passage, Sentence
from agentflow.research.grounding import speaks_of
from agentflow.research.shown import Candidate
from agentflow.text.numbers import numbers
from agentflow.text.words import words

ALIKE, EQUAL = 0.65, 0.9  # cosine of two questions that ask for the same; that say the same as well
SHORT = 3  # words that say nothing without the next sentence, as in `Yes.`
VERDICT = re.compile(r"^(?:yes|no)\s*[,:;.–—-]\s*(?=\w)", re.IGNORECASE)


class Asked(NamedTuple):
    """The opening of the document's own answer, and its words; without its `Yes` where the question is put otherwise."""

    opening: Candidate
    text: str


async def asked_there(context: Context, question: str, passages: Sequence[Passage]) -> Asked | None:
    """What follows the question in these passages that is nearest in meaning, when it is near enough and about the same names
    and numbers."""
    asks = [
        (passage, place)
        for passage in passages
        for place, sentence in enumerate(passage.sentences[:-1])
        if is_question(sentence.text)
    ]
    texts = [passage.sentences[place].text.strip("#*_ \n") for passage, place in asks]
    alike = await context.searcher.similarity(question, texts) if asks else []
    ranked = sorted(zip(alike, texts, asks, strict=False), key=lambda item: -item[0])
    for likeness, text, (passage, place) in ranked:
        if likeness < ALIKE:
            break
        behind = [sentence for sentence in passage.sentences[place + 1 :] if sentence.citable]
        if behind and speaks_of(question, passage) and numbers(text) <= numbers(question):
            opening = Candidate(passage, opened(context, passage, behind))
            said = opening.text if likeness >= EQUAL else VERDICT.sub("", opening.text)
            return Asked(opening, f"{said[0].upper()}{said[1:]}")
    return None


def opened(context: Context, passage: Passage, sentences: Sequence[Sentence]) -> Sentence:
    """The first sentence, with the next where it says nothing alone."""
    first, *others = sentences
    if not others or len(words(first.text)) > SHORT:
        return first
    end = others[0].end
    return replace(first, end=end, text=context.corpus.text(passage.document)[first.start : end])
