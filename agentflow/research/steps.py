"""What a sentence introduces: the lines of code or the items of a list beneath it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from textwrap import dedent

from agentflow.context import Context
from agentflow.corpus.evidence import FENCE
from agentflow.corpus.passage import Sentence
from agentflow.research.shown import Candidate

MOST = 12  # lines or items of one quote
REMARKED = re.compile(r"\S\s+(?:#|//)\s+\w")  # a line of code that says itself what it does


def introduces(sentence: Sentence) -> bool:
    return sentence.text.rstrip("*_` \n").endswith((":", "...", "…"))


def beneath(context: Context, opening: Candidate) -> list[Sentence]:
    """The lines of code right beneath a sentence, or the items where it introduces them; of code the lines after it. MOST at
    most; they may lie in the next passage."""
    passage, sentence = opening
    behind = context.corpus.following(passage.document, sentence.end, MOST)
    kinds = ("code", "item") if introduces(sentence) and sentence.kind != "code" else ("code",)
    if not behind or behind[0].kind not in kinds:
        return []
    return list(takewhile(lambda other: other.kind == behind[0].kind, behind))


def led_on(context: Context, opening: Candidate) -> Candidate:
    """A sentence that introduces something says nothing without it: the two as one quote."""
    if not introduces(opening.sentence):
        return opening
    behind = [other for other in opening.passage.sentences if other.start >= opening.sentence.end]
    return with_steps(context, opening, beneath(context, opening) or behind[:1])


def with_steps(context: Context, opening: Candidate, steps: Sequence[Sentence]) -> Candidate:
    """The opening to the end of its steps, as it stands in the document."""
    passage, sentence = opening
    if not steps:
        return opening
    text = context.corpus.text(passage.document)[sentence.start : steps[-1].end]
    return Candidate(passage, replace(sentence, end=steps[-1].end, text=text))


def told(context: Context, opening: Candidate, steps: Sequence[Sentence]) -> str:
    """As an answer: the sentence on one line, then the lines beneath it, indented as they are."""
    is_code = opening.sentence.kind == "code"
    lines = [opening.sentence, *steps] if is_code else list(steps)
    if not lines:
        return opening.text
    text = context.corpus.text(opening.passage.document)
    start = text.rfind("\n", 0, lines[0].start) + 1
    block = dedent(FENCE.sub("", text[start : lines[-1].end])).strip("\n")
    return f"\n{block}" if is_code else f"{opening.text}\n{block}"
