"""A question that a document asks itself and answers beneath it, as pages of questions and answers and interviews do."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.readers.lines import field_of
from agentflow.research.forms.definition import thing
from agentflow.research.forms.enumeration import wants_list
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import introduces
from agentflow.research.passages.titled import speaks_of
from agentflow.research.question.direct import direct
from agentflow.research.question.planning import asks_reason, is_polar
from agentflow.research.question.same_question import asks_of_another, coverage_by_meaning, without_topic
from agentflow.text.numbers import numbers
from agentflow.text.opposites import opposite
from agentflow.text.reasons import is_reason
from agentflow.text.words import content_words, words

LEAST, ALIKE, CLOSE, EQUAL = 0.4, 0.55, 0.7, 0.9  # cosine of two questions that may ask for the same; that say the same
SAME = 0.6  # of 73 questions in other words it finds 44 where their answer stands, and 6 of 50 that have none
READ = 300  # characters of an answer that are compared
SHORT = 3  # words that say nothing without the next sentence, as in `Yes.`
OTHERWISE = re.compile(  # which workflows ship, and not what a workflow is
    r"(?:which|how|who|where|when|what (?!is\b|are\b))\b", re.IGNORECASE
)
FORM = re.compile(r"(?:when|where|who|how (?:many|much|long|often|old|far))\b", re.IGNORECASE)
BREAK = re.compile(r"\n\s*\n")
SPEAKER = re.compile(r"^\*\*(?=[^*]+:)([^*]+)\*\*")  # of an interview, in bold
POINTS = re.compile(
    r"\W*(?:please |also )?(?:you(?: will|['’]ll| may| might| can| should)? (?:want to |like to )?)?(?:see|read|check out|refer to|consult|have a look at|(?:take a )?look at|visit|go to|here (?:is|are)|here['’]s)\b",
    re.IGNORECASE,
)
POINTER = 24  # words of a sentence that only points
FURTHER, LONGEST = 20, 700  # sentences looked up beyond a passage; characters of reasons that are told
VERDICT = re.compile(r"^(?:yes|no)\s*[,:;.–—-]\s*(?=\w)", re.IGNORECASE)


class OwnAnswer(NamedTuple):
    """The opening of the document's own answer, and its words; without its `Yes` where the question is put otherwise."""

    opening: Candidate
    text: str


async def document_answer(context: Context, question: str, passages: Sequence[Passage]) -> OwnAnswer | None:
    """What follows the question in these passages that asks for the same and is about the same names and numbers; of several
    the nearest."""
    question = without_topic(context.corpus, question)
    asks = [
        (passage, place)
        for passage in passages
        for place, sentence in enumerate(passage.sentences[:-1])
        if sentence.kind != "code" and is_question(sentence.text)
    ]
    texts = [passage.sentences[place].text.strip("#*_ \n") for passage, place in asks]
    answers = [one_line(passage.text[passage.sentences[place].end - passage.start :])[:READ] for passage, place in asks]
    if not asks:
        return None
    alike = await context.searcher.similarity(question, texts)
    told = await context.searcher.similarity(question, [" ".join(both) for both in zip(texts, answers, strict=True)])
    ranked = sorted(zip(alike, told, texts, answers, asks, strict=False), key=lambda item: -item[0] - item[1])
    for likeness, near, text, answer, (passage, place) in ranked:
        if likeness < LEAST or (likeness < CLOSE and likeness + near + 1 < 3 * SAME):
            continue
        behind = [one for one in passage.sentences[place + 1 :] if one.citable and not is_pointer(one)]
        if not behind or is_question(behind[0].text) or not may_answer(question, text, passage):
            continue
        if (
            likeness < CLOSE
            and likeness + near + await coverage_by_meaning(context, question, f"{text} {answer}") < 3 * SAME
        ):
            continue
        if not await asks_of_another(context, question, text, answer):
            if asks_reason(question):
                opening = reasoned(context, passage, behind)
            else:
                further = set(content_words(question)) - set(content_words(text))
                opening = Candidate(passage, opened(passage, behind, further))
            said = SPEAKER.sub(r"\1", opening.text if likeness >= EQUAL else VERDICT.sub("", opening.text))
            return OwnAnswer(opening, f"{said[0].upper()}{said[1:]}")
    return None


def may_answer(question: str, other: str, passage: Passage) -> bool:
    """Whether the answer to the other question, in this passage, is of the same names and numbers, and of the same form."""
    if thing(question) and not wants_list(question) and OTHERWISE.match(other):
        return False
    if form_of(question) != (form := form_of(other)) and form and not is_polar(question):
        return False
    return speaks_of(question, passage) and numbers(other) <= numbers(question) and not opposite(question, other)


def form_of(question: str) -> str:
    """What its answer is when another form asks for something else: a reason, a day, a place, a person, an amount; else
    empty."""
    if asks_reason(question):
        return "why"
    found = FORM.match(direct(question))
    return " ".join(found[0].lower().split()) if found else ""


def paragraph(context: Context, opening: Candidate) -> Candidate:
    """The opening to the end of its paragraph."""
    passage, sentence = opening
    text = context.corpus.text(passage.document)
    end = sentence.end
    for other in passage.sentences:
        if other.start >= end and other.kind == sentence.kind and BREAK.search(text, end, other.start) is None:
            end = other.end
    return Candidate(passage, replace(sentence, end=end, text=text[sentence.start : end]))


def is_pointer(sentence: Sentence) -> bool:
    """Whether it only says where the answer is: `See the page on workers.`"""
    return points(sentence.text) and not introduces(sentence)


def points(text: str) -> bool:
    return bool(POINTS.match(text)) and len(words(text)) <= POINTER and not field_of(text)


def reasoned(context: Context, passage: Passage, sentences: Sequence[Sentence]) -> Candidate:
    """The answer from its first sentence to the last that gives a reason, as far as a person reads at once; without one its
    first paragraph."""
    text, first = context.corpus.text(passage.document), sentences[0]
    further = context.corpus.following(passage.document, passage.sentences[-1].end, FURTHER)
    told = list(
        takewhile(lambda one: one.kind in ("prose", "item") and not is_question(one.text), [*sentences, *further])
    )
    near = [one.end for one in told if one.end - first.start <= LONGEST]
    giving = [one.end for one in told if one.end in near and is_reason(one.text)]
    open_ended = (end for end in near if BREAK.search(text, first.start, end) is None)
    end = max(giving or open_ended, default=first.end)
    return Candidate(passage, replace(first, end=max(end, first.end), text=text[first.start : max(end, first.end)]))


def opened(passage: Passage, sentences: Sequence[Sentence], further: set[str]) -> Sentence:
    """The first sentence; with the next where it says nothing alone, and with those of its paragraph up to one that has a word
    which the question asks for beyond what the document asks itself."""
    first, *others = sentences
    text = passage.text[first.start - passage.start :]
    end = others[0].end if others and len(words(first.text)) <= SHORT else first.end
    near = [
        one for one in others if one.end - first.start <= READ and not BREAK.search(text, 0, one.start - first.start)
    ]
    missing = further - set(content_words(text[: end - first.start]))
    end = max([end, *(one.end for one in near if missing & set(content_words(one.text)))])
    return replace(first, end=end, text=text[: end - first.start])
