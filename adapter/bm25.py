"""BM25 (Robertson and Zaragoza 2009) with k1 0.9 and b 0.4, over content words, as the floors of the data are."""

import math
from collections import Counter
from collections.abc import Sequence

from agentflow.text.words import content_words

K1, B = 0.9, 0.4


class BM25:
    def __init__(self, texts: Sequence[str]) -> None:
        self.counts = [Counter(content_words(text)) for text in texts]
        self.lengths = [sum(count.values()) for count in self.counts]
        self.mean = sum(self.lengths) / max(1, len(self.lengths))
        self.holders = Counter(word for count in self.counts for word in count)

    def scores(self, question: str) -> list[float]:
        """One score for each text."""
        wanted = content_words(question)
        return [self._score(wanted, i) for i in range(len(self.counts))]

    def _score(self, wanted: Sequence[str], i: int) -> float:
        count, norm = self.counts[i], K1 * (1 - B + B * self.lengths[i] / self.mean)
        return sum(self._rarity(w) * count[w] * (K1 + 1) / (count[w] + norm) for w in wanted if w in count)

    def _rarity(self, word: str) -> float:
        n = self.holders[word]
        return math.log(1 + (len(self.counts) - n + 0.5) / (n + 0.5))
