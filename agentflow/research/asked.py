"""A question that a document asks itself and answers beneath it, as pages of questions and answers and interviews do."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.chunks import is_question
from agentflow.corpus.passage import Passage, Sentence
from agentflow.research.definition import thing
from agentflow.research.enumeration import wants_list
from agentflow.research.grounding import speaks_of
from agentflow.research.shown import Candidate
from agentflow.text.numbers import numbers
from agentflow.text.words import content_words, words

ALIKE, EQUAL = 0.65, 0.9  # cosine of two questions that ask for the same; that say the same as well
SYNONYMS = 0.5  # cosine of two words of one meaning
SHORT = 3  # words that say nothing without the next sentence, as in `Yes.`
OTHERWISE = re.compile(
    r"(?:which|how|who|where|when)\b", re.IGNORECASE
)  # which workflows ship, and not what a workflow is
BREAK = re.compile(r"\n\s*\n")
SPEAKER = re.compile(r"^\*\*(?=[^*]+:)([^*]+)\*\*")  # of an interview, in bold
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
        if sentence.kind != "code" and is_question(sentence.text)
    ]
    texts = [passage.sentences[place].text.strip("#*_ \n") for passage, place in asks]
    alike = await context.searcher.similarity(question, texts) if asks else []
    ranked = sorted(zip(alike, texts, asks, strict=False), key=lambda item: -item[0])
    for likeness, text, (passage, place) in ranked:
        if likeness < ALIKE:
            break
        behind = [sentence for sentence in passage.sentences[place + 1 :] if sentence.citable]
        if (
            not behind
            or is_question(behind[0].text)
            or not speaks_of(question, passage)
            or not numbers(text) <= numbers(question)
        ):
            continue
        if thing(question) and not wants_list(question) and OTHERWISE.match(text):
            continue
        if not await asks_of_another(context, question, text):
            opening = Candidate(passage, opened(context, passage, behind))
            said = SPEAKER.sub(r"\1", opening.text if likeness >= EQUAL else VERDICT.sub("", opening.text))
            return Asked(opening, f"{said[0].upper()}{said[1:]}")
    return None


async def asks_of_another(context: Context, question: str, other: str) -> bool:
    """Whether two questions differ in one word alone, and these two mean different things: `a run is killed` and `a worker is
    killed`, but not `remove a file` and `delete a file`."""
    own, foreign = apart(question, other), apart(other, question)
    if len(own) != 1 or len(foreign) != 1 or len(content_words(question)) == 1:
        return False
    alike = await context.searcher.similarity(own[0], foreign)
    return bool(alike) and alike[0] < SYNONYMS


def apart(text: str, other: str) -> list[str]:
    """The content words of the text that the other lacks, whole."""
    known = set(content_words(other))
    return [word for word in words(text) if not set(content_words(word)) <= known]


def paragraph(context: Context, opening: Candidate) -> Candidate:
    """The opening to the end of its paragraph."""
    passage, sentence = opening
    text = context.corpus.text(passage.document)
    end = sentence.end
    for other in passage.sentences:
        if other.start >= end and other.kind == sentence.kind and BREAK.search(text, end, other.start) is None:
            end = other.end
    return Candidate(passage, replace(sentence, end=end, text=text[sentence.start : end]))


def opened(context: Context, passage: Passage, sentences: Sequence[Sentence]) -> Sentence:
    """The first sentence, with the next where it says nothing alone."""
    first, *others = sentences
    if not others or len(words(first.text)) > SHORT:
        return first
    end = others[0].end
    return replace(first, end=end, text=context.corpus.text(passage.document)[first.start : end])
