"""Exact match and F1 as SQuAD v1.1 scores them (Rajpurkar et al. 2016): lower case, no punctuation, no articles."""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """The official order: lower case, ASCII punctuation removed, then articles, then blanks made one."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1 when the answer equals one of the accepted ones after normalisation."""
    return float(any(normalise(answer) == normalise(gold) for gold in accepted))


def f1(answer: str, accepted: Sequence[str]) -> float:
    """The best harmonic mean of token precision and recall over the accepted answers."""
    return max((_f1(normalise(answer).split(), normalise(gold).split()) for gold in accepted), default=0.0)


def _f1(answer: list[str], gold: list[str]) -> float:
    shared = sum((Counter(answer) & Counter(gold)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(answer), shared / len(gold)
    return 2 * precision * recall / (precision + recall)
