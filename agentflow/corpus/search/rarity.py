"""How rare the words of a question are among the passages, the project's own and those of sites."""

import math
from collections.abc import Collection
from copy import copy
from itertools import pairwise

from agentflow.corpus.index.lexical import within
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import expression, query_terms
from agentflow.text.words import content_words

COUNTED = 2_000  # passages that hold a word; a word in more of them weighs no less


class Rarity:
    """Inverse document frequency of the words of one question (Robertson and Spärck Jones 1976)."""

    def __init__(self, corpus: Corpus, question: str) -> None:
        self.question = question
        total = max(1, int(corpus.value("SELECT count(*) FROM chunks")) + corpus.copies.holders(""))
        self.weight: dict[str, float] = {}
        for term in query_terms(question):
            for word in content_words(term):
                self.weight[word] = math.log(1 + total / (0.5 + holders(corpus, term) + corpus.copies.holders(term)))

    def coverage(self, text: str) -> float:
        """The share of the question that the text's words cover, 0..1; 1 for a question without content words."""
        known = set(content_words(text))
        whole = sum(self.weight.values())
        return sum(weight for word, weight in self.weight.items() if word in known) / whole if whole else 1.0

    def without(self, text: str) -> "Rarity":
        """Of the question's words but those of the text, which are known."""
        rest = copy(self)
        known = set(content_words(text))
        rest.weight = {word: weight for word, weight in self.weight.items() if word not in known}
        return rest

    def in_order(self, text: str) -> float:
        """The share of the question's neighbouring content words that are neighbours in the text as well, 0..1: `a run is
        killed` against `a killed one that carries a run` (ordered windows of Metzler and Croft 2005)."""
        wanted, known = set(pairwise(content_words(self.question))), set(pairwise(content_words(text)))
        return len(wanted & known) / len(wanted) if wanted else 0.0

    def shared(self, one: str, other: str) -> float:
        """The share of the question's words in `one` that `other` holds too, 0..1; 1 when `one` holds none."""
        mine, theirs = set(content_words(one)) & self.weight.keys(), set(content_words(other))
        whole = sum(self.weight[word] for word in mine)
        return sum(self.weight[word] for word in mine & theirs) / whole if whole else 1.0

    def open_words(self, text: str) -> list[str]:
        """The words of the question that the text does not hold, the rarest first."""
        known = set(content_words(text))
        return sorted((word for word in self.weight if word not in known), key=lambda word: -self.weight[word])


def holders(corpus: Corpus, term: str, documents: Collection[int] | None = None) -> int:
    """The number of the project's passages that hold a word, at most COUNTED; of these documents alone where they are given."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ?{within(documents)} LIMIT ?)"
    return int(corpus.value(sql, [expression(term), COUNTED]))


def documents_with(corpus: Corpus, term: str) -> int:
    """The number of the project's documents that hold a word."""
    sql = "SELECT count(DISTINCT document) FROM chunks WHERE id IN (SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ?)"
    return int(corpus.value(sql, [expression(term)]))
