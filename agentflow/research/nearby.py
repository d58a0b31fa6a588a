"""Sentences near the question that no claim rests on: what a person may want to read beside the answer, or in its place."""

from collections.abc import Collection, Sequence
from operator import itemgetter

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite, one_line
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.relevance import NEAR, ranking
from agentflow.research.passages.shown import Candidate, show

MOST, NEAREST = 2, 5  # beside an answer, and in the place of one
LEAD = 0.2  # of the passage found first before sentences of others: docs/results.md
FAINT = 0.15  # from which a sentence may stand in the place of an answer: docs/results.md


async def nearby(
    context: Context,
    questions: Sequence[str],
    passages: Sequence[Passage],
    besides: Collection[str],
    *,
    answered: bool = True,
) -> list[tuple[Evidence, float]]:
    """A few quotes with their relevance to one of the questions, 0..1; the nearest come first. Of questions that are
    not `answered` more, and fainter ones, with a lead for those of the passages found first. None of what is in a quote whose id
    is in `besides`, and nothing twice in the same words."""
    most, least = (MOST, NEAR) if answered else (NEAREST, FAINT)
    told = context.quotes.load(besides)
    others = [item for item in show(passages).sentences if not any(is_within(item, quote) for quote in told)]
    said = {quote.text for quote in told}
    first: dict[str, Candidate] = {}
    for item in others:
        first.setdefault(one_line(item.text), item)
    candidates = [item for text, item in first.items() if text not in said]
    lead = {} if answered else {one.chunk: LEAD / place for place, one in enumerate(passages, 1)}
    found: list[tuple[float, Candidate, float]] = []
    for question in questions:
        for candidate, score in await ranking(context, Rarity(context.corpus, question), candidates):
            if score >= least:
                found.append((score + lead.get(candidate.passage.chunk, 0.0), candidate, score))
    best: dict[str, tuple[Evidence, float]] = {}
    for _, candidate, score in sorted(found, key=itemgetter(0), reverse=True):
        evidence = cite(context.corpus, *candidate)
        best.setdefault(evidence.id, (evidence, score))
        if len(best) == most:
            break
    return list(best.values())


def is_within(candidate: Candidate, quote: Evidence) -> bool:
    sentence = candidate.sentence
    return candidate.passage.path == quote.path and quote.start <= sentence.start < quote.end
