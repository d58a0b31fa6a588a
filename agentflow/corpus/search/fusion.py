"""Several rankings to one."""

from collections import deque
from collections.abc import Mapping, Sequence

Ranking = Sequence[tuple[int, float]]
# The share of BM25: from 0.3 to 0.5 no judged set lost against BM25 alone (benchmarks/results/retrieval.md).
LEXICAL = 0.3
FLAT = 20  # the constant of reciprocal rank fusion, 60 for lists of thousands in its source


def combine(lexical: Ranking, dense: Ranking) -> list[tuple[int, float]]:
    """(item, score in 0..1), best first: the convex combination of scores, each divided by its theoretical range below
    the best (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).

    BM25 begins at 0 and cosine at -1; what one ranking does not hold counts as its last. Unlike ranks, scores say by
    how much the first is better, so that an exact match of rare words is not outvoted by two half-good passages.
    """
    if not lexical or not dense:
        return [(item, score) for item, score in _scaled(lexical or dense, 0.0 if lexical else -1.0).items()]
    words, meaning = _scaled(lexical, 0.0), _scaled(dense, -1.0)
    least = min(meaning.values())
    scores = {
        item: LEXICAL * words.get(item, 0.0) + (1 - LEXICAL) * meaning.get(item, least)
        for item in words.keys() | meaning
    }
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def by_rank(rankings: Sequence[Sequence[int]], score: Mapping[int, float]) -> list[int]:
    """Rankings whose own scores say nothing to each other, as one: each keeps its order, and of those in front the one
    with the highest `score` is next."""
    left = [deque(ranking) for ranking in rankings]
    merged: dict[int, None] = {}
    while left := [ranking for ranking in left if ranking]:
        merged[max(left, key=lambda ranking: score[ranking[0]]).popleft()] = None
    return list(merged)


def by_reciprocal_rank(rankings: Sequence[Sequence[int]]) -> list[int]:
    """What stands high in several rankings first, by the sum of its reciprocal ranks (Cormack, Clarke and Büttcher 2009): for
    lists of different queries, whose scores do not compare."""
    score: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            score[item] = score.get(item, 0.0) + 1 / (FLAT + rank)
    return sorted(score, key=lambda item: -score[item])


def _scaled(ranking: Ranking, least: float) -> dict[int, float]:
    best = max((score for _, score in ranking), default=1.0)
    return {item: (score - least) / max(best - least, 1e-9) for item, score in ranking}
