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
    context: Context, question: str, passages: Sequence[Passage], besides: Collection[str]
) -> list[tuple[Evidence, float]]:
    """At most MOST quotes with their relevance, 0..1, best first; none whose id is in `besides`."""
    ranked = await ranking(context, Rarity(context.corpus, question), show(passages).sentences)
    near = [
        (cite(context.corpus, *candidate), score) for candidate, score in ranked[: MOST + len(besides)] if score >= NEAR
    ]
    return [(evidence, score) for evidence, score in near if evidence.id not in besides][:MOST]
