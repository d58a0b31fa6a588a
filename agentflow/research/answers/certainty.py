"""How sure a model is of a short answer, from the probabilities of its tokens: it tells a guess from a finding, and what
the passages leave open, better than the words of the answer do (Kamath, Jia and Liang 2020 on selective answering)."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from agentflow.models.client.types import Answer

ALTERNATIVES = 5  # a token, to ask the server for
VALUE = re.compile(r'"answer"\s*:\s*"((?:[^"\\]|\\.)*)"')


class Certainty(NamedTuple):
    """Probabilities, 0..1. `none`: of an empty answer; `begins`: of how the answer given begins. `agreed`: another reading of
    the same question gave the same answer."""

    none: float = 0.0
    begins: float = 1.0
    agreed: bool = False


SURE = Certainty()


class Token(NamedTuple):
    start: int
    end: int
    alternatives: dict[str, float]  # text to natural logarithm


def certainty(answer: Answer) -> Certainty:
    """Of the field `answer` of a JSON answer. A server that tells no probabilities leaves nothing to doubt."""
    value = VALUE.search(answer.text)
    if not value or not answer.logprobs:
        return SURE
    start, end = value.span(1)
    none, begins, reached = 0.0, 1.0, 1.0
    for token in tokens(answer):
        if token.start > start or token.end < start:
            continue
        opened = answer.text[token.start : start].lstrip()  # what of it stands before the value: the quote sign
        closes = [chance for text, chance in token.alternatives.items() if text.lstrip().startswith(f'{opened}"')]
        none += reached * sum(math.exp(chance) for chance in closes)
        reached = math.exp(token.alternatives[answer.text[token.start : token.end]])
        if token.end > start:
            begins = reached
    return Certainty(min(1.0, none), begins if end > start else 1.0)


def tokens(answer: Answer) -> Iterator[Token]:
    """The answer's tokens with their places in its text, as far as they are whole characters."""
    start = 0
    for alternatives in answer.logprobs:
        written = next(iter(alternatives), "")
        if not written or not answer.text.startswith(written, start):
            return
        yield Token(start, start := start + len(written), alternatives)
