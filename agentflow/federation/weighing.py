"""BM25 of passages that come from several corpora: the words are counted over all of them."""

import math
import re
from collections.abc import Collection, Sequence
from statistics import mean

from agentflow.corpus.index.lexical import HEADING, TEXT, TITLE
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import holders
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import forms_of, indexed, numbered, query_terms
from agentflow.text.words import stem

K1, B = 1.2, 0.75  # as FTS5 has them
WORD = re.compile(r"[^\W_]+")
Words = tuple[str, ...]


def counted_terms(query: str) -> list[str]:
    """What a site counts its passages by: the words of a query, and those with a number behind them as phrases."""
    return [*query_terms(query), *numbered(query)]


def weigh(corpus: Corpus, query: str, passages: Collection[Passage]) -> dict[int, float]:
    """By id, higher is better. It is computed here from the text, so no site can give itself a weight."""
    every = int(corpus.value("SELECT count(*) FROM chunks")) + corpus.copies.holders("")
    rarity = {term: _idf(every, holders(corpus, term) + corpus.copies.holders(term)) for term in counted_terms(query)}
    phrases = {term: {_words(form) for form in forms_of(term)[0]} for term in rarity}
    fields = {
        one.chunk: [(TITLE, _words(one.title)), (HEADING, _words(one.heading)), (TEXT, _words(one.text))]
        for one in passages
    }
    lengths = {id: sum(len(words) for _, words in parts) for id, parts in fields.items()}
    usual = mean(lengths.values()) if lengths else 1
    scores = dict.fromkeys(fields, 0.0)
    for id, parts in fields.items():
        for term, weight in rarity.items():
            often = sum(share * _count(words, phrase) for share, words in parts for phrase in phrases[term])
            scores[id] += weight * often * (K1 + 1) / (often + K1 * (1 - B + B * lengths[id] / usual))
    return scores


def _idf(every: int, holding: int) -> float:
    return max(1e-6, math.log((every - holding + 0.5) / (holding + 0.5))) if every > holding else 1e-6


def _words(text: str) -> Words:
    return tuple(stem(word) for word in WORD.findall(indexed(text)))


def _count(words: Sequence[str], phrase: Words) -> int:
    if len(phrase) == 1:
        return words.count(phrase[0])
    return sum(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1)) if phrase else 0
