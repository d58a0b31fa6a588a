"""What a sentence introduces: the lines of code or the items of a list beneath it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from textwrap import dedent, indent

from agentflow.context import Context
from agentflow.corpus.evidence import FENCE
from agentflow.corpus.passage import Passage, Sentence
from agentflow.research.passages.shown import Candidate

MARK = r"(?:[-*+•]|\d+[.)])\s"  # before an item of a list
MOST, FURTHER = 12, 20  # lines or items of one quote; sentences looked up beyond a passage
REMARKED = re.compile(r"\S\s+(?:#|//)\s+\w")  # a line of code that says itself what it does


def introduces(sentence: Sentence) -> bool:
    return sentence.text.rstrip("*_` \n").endswith((":", "...", "…"))


def beneath(context: Context, opening: Candidate) -> list[Sentence]:
    """The lines of code right beneath a sentence, or the items where it introduces them; of code the lines after it. MOST at
    most; they may lie in the next passage."""
    sentence = opening.sentence
    steps = alike(sentences_after(context, *opening), MOST)
    kinds = ("code", "item", "term") if introduces(sentence) and sentence.kind != "code" else ("code",)
    return steps if steps and steps[0].kind in kinds else []


def sentences_after(context: Context, passage: Passage, sentence: Sentence) -> Iterator[Sentence]:
    """The sentences after one, those of its passage first; the next passages are looked up only when they are reached."""
    yield from (other for other in passage.sentences if other.start >= sentence.end)
    yield from context.corpus.following(passage.document, passage.sentences[-1].end, FURTHER)


def up_to_heading(sentences: Iterable[Sentence]) -> list[Sentence]:
    return list(takewhile(lambda one: not one.names, sentences))


def alike(sentences: Iterable[Sentence], most: int) -> list[Sentence]:
    """The first ones, as long as they are of the first one's kind."""
    kept: list[Sentence] = []
    for sentence in islice(sentences, most):
        if kept and sentence.kind != kept[0].kind:
            break
        kept.append(sentence)
    return kept


def with_introduced(context: Context, opening: Candidate) -> Candidate:
    """A sentence that introduces something says nothing without it: the two as one quote."""
    if not introduces(opening.sentence):
        return opening
    after = [other for other in opening.passage.sentences if other.start >= opening.sentence.end]
    return with_steps(context, opening, beneath(context, opening) or after[:1])


def with_steps(context: Context, opening: Candidate, steps: Sequence[Sentence]) -> Candidate:
    """The opening to the end of its steps, as it stands in the document."""
    passage, sentence = opening
    if not steps:
        return opening
    text = context.corpus.text(passage.document)[sentence.start : steps[-1].end]
    return Candidate(passage, replace(sentence, end=steps[-1].end, text=text))


def answer_text(context: Context, opening: Candidate, steps: Sequence[Sentence]) -> str:
    """As an answer: the sentence on one line, then the lines beneath it, code four blanks in; code alone has no first
    line."""
    is_code = opening.sentence.kind == "code"
    lines = [opening.sentence, *steps] if is_code else list(steps)
    if not lines:
        return opening.text
    text = context.corpus.text(opening.passage.document)
    start = text.rfind("\n", 0, lines[0].start) + 1
    block = dedent(FENCE.sub("", text[start : lines[-1].end])).strip("\n")
    block = indent(block, "    ") if lines[0].kind == "code" else block
    return f"\n{block}" if is_code else f"{opening.text}\n{block}"
