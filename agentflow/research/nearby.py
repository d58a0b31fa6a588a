"""Sentences near the question that no claim rests on: what a person may want to read beside the answer, or in its place."""

from collections.abc import Collection, Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite
from agentflow.corpus.passage import Passage
from agentflow.research.grounding import NEAR, ranking
from agentflow.research.relevance import Rarity
from agentflow.research.shown import show

MOST = 2


async def nearby(
    context: Context, questions: Sequence[str], passages: Sequence[Passage], besides: Collection[str]
) -> list[tuple[Evidence, float]]:
    """At most MOST quotes with their relevance to one of the questions, 0..1, best first; none whose id is in `besides`."""
    candidates = show(passages).sentences
    near: dict[str, tuple[Evidence, float]] = {}
    for question in questions:
        ranked = await ranking(context, Rarity(context.corpus, question), candidates)
        for candidate, score in ranked[: MOST + len(besides)]:
            evidence = cite(context.corpus, *candidate)
            if score >= NEAR and score > near.get(evidence.id, (evidence, 0.0))[1]:
                near[evidence.id] = evidence, score
    best = sorted(near.values(), key=lambda pair: -pair[1])
    return [(evidence, score) for evidence, score in best if evidence.id not in besides][:MOST]
