"""Maximal marginal relevance (Carbonell and Goldstein 1998): relevant to the question, and not similar to what came before."""

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from agentflow.corpus.search.search import Searcher

T = TypeVar("T")


async def varied(
    searcher: Searcher, ranked: Sequence[tuple[T, float]], texts: Sequence[str], weight: float
) -> AsyncIterator[tuple[T, float]]:
    """All of `ranked` (with relevance, 0..1), each time the one with the most relevance less `weight` times its nearness to the
    nearest before it; in the order given without a weight, or where no embedder tells what is near. `texts` are theirs."""
    left, near = list(range(len(ranked))), [0.0] * len(ranked)
    while left:
        best = max(left, key=lambda place: ranked[place][1] - weight * near[place])
        left.remove(best)
        yield ranked[best]
        if weight and left and (cosines := await searcher.similarity(texts[best], texts)):
            near = [max(pair) for pair in zip(near, cosines, strict=True)]
