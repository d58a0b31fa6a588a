"""A small reader's yes, weighed with the words that question, sentence and source share, and with how near in meaning
the embedder finds the two.

A model of a few million parameters knows the kind of sentence that answers, and is unsure of rare words; word overlap is
the other way round. They are weighed by a logistic regression fitted on questions and records that no evaluation uses
(`python -m starter.fit_reading`, which prints the weights and what each part gives). The weights here come from the judge
of a shorter training: one that has seen half of those questions looks better on them than it is, and would weigh too much.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from agentflow.words import content_words

# odds of yes, words, source, similarity, bias
WEIGHTS = (0.36, 2.46, 0.44, 2.72, -2.47)
WITHOUT_VECTORS = (0.57, 2.95, 0.39, 0.0, -1.45)


class Read(NamedTuple):
    """A sentence, the source it stands in, the model's probability of "yes", and the cosine of question and sentence."""

    sentence: str
    source: str
    yes: float
    similarity: float | None = None


def relevance(question: str, read: Sequence[Read]) -> list[float]:
    """0..1 for each sentence; 0.5 is where it counts as evidence."""
    *weights, bias = WITHOUT_VECTORS if any(item.similarity is None for item in read) else WEIGHTS
    return [
        1 / (1 + math.exp(-bias - sum(weight * value for weight, value in zip(weights, row, strict=True))))
        for row in features(question, read)
    ]


def features(question: str, read: Sequence[Read]) -> list[tuple[float, float, float, float]]:
    """For each sentence: log-odds of yes; the share of the question's words that it has and its source has not told
    already; how far its source falls behind the one that has most of the question's words (0 to -1); the cosine.

    Words count by their rarity among the sentences (inverse document frequency).
    """
    asked = set(content_words(question))
    sentences = [set(content_words(item.sentence)) for item in read]
    sources = [set(content_words(item.source)) for item in read]
    frequency = Counter(word for words in sentences for word in words)
    weight = {word: math.log(1 + len(read) / (1 + frequency[word])) for word in asked}

    def mass(words: set[str]) -> float:
        return sum(weight[word] for word in words)

    best = max((mass(asked & source) for source in sources), default=0.0) or 1.0
    rows = []
    for item, words, source in zip(read, sentences, sources, strict=True):
        open_words = asked - source
        told = mass(open_words & words) / mass(open_words) if open_words else 0.0
        odds = math.log((item.yes + 1e-4) / (1 - item.yes + 1e-4))
        rows.append((odds, told, mass(asked & source) / best - 1, item.similarity or 0.0))
    return rows
