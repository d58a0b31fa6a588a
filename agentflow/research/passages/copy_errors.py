"""Copying errors: an answer that nearly repeats a stretch of a sentence is replaced by that stretch."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from agentflow.research.passages.shown import Candidate
from agentflow.text.numbers import numbers

CLOSE = 0.85  # of the characters, from which two stretches are one with a slip
LEAST = 6  # characters; less is like too much
TOKEN = re.compile(r"\S+")
EDGES = " \t,;:.!?\"'“”‘’()[]"


def closest_stretch(answer: str, sentences: Iterable[Candidate]) -> tuple[Candidate, str] | None:
    """The sentence with the stretch of words nearest to the answer, and this stretch; None when none is CLOSE. Another number
    is no slip."""
    wanted = answer.strip(EDGES)
    if len(wanted) < LEAST:
        return None
    best, found, told = CLOSE, None, numbers(wanted)
    matcher = SequenceMatcher(None, b=wanted.lower(), autojunk=False)
    for candidate in sentences:
        for stretch in stretches(candidate.text, len(wanted.split())):
            matcher.set_seq1(stretch.lower())
            if matcher.real_quick_ratio() <= best or matcher.quick_ratio() <= best:
                continue
            if (ratio := matcher.ratio()) > best and numbers(stretch) == told:
                best, found = ratio, (candidate, stretch)
    return found


def stretches(text: str, count: int) -> Iterable[str]:
    """The stretches of one word less, as many and one more, without signs at their ends."""
    spans = [token.span() for token in TOKEN.finditer(text)]
    for size in range(max(1, count - 1), count + 2):
        for at in range(len(spans) - size + 1):
            yield text[spans[at][0] : spans[at + size - 1][1]].strip(EDGES)
