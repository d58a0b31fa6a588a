"""How near sentences and passages are to a question."""

from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.shown import Candidate

NEAR = 0.4  # from which a sentence is worth a look
HALF = 0.5  # of the question, by a sentence that has its words
IN_ORDER = 0.15  # of the score by words: for words that stand side by side as in the question


def in_its_words(rarity: Rarity, candidates: Sequence[Candidate]) -> bool:
    """Whether one of the sentences says half of what is asked: else the documents may tell it in other words. Of 52 questions
    on public sets that were looked at .63 are asked in the documents' words, of 45 by people who had not read them none."""
    return any(rarity.coverage(f"{one.text} {one.passage.lies_in}") >= HALF for one in candidates)


def relevance(rarity: Rarity, texts: Sequence[str], sources: Sequence[str], cosines: Sequence[float]) -> list[float]:
    """0..1 for each sentence: its own words count in full, those of its source by half, and its nearness in meaning."""
    scores = []
    for place, (text, source) in enumerate(zip(texts, sources, strict=True)):
        own, both = rarity.coverage(text), rarity.coverage(f"{text} {source}")
        words = min(1.0, 0.5 * own + 0.5 * both + IN_ORDER * rarity.in_order(text))
        scores.append(0.6 * words + 0.4 * max(0.0, cosines[place]) if cosines else words)
    return scores


async def ranking(context: Context, rarity: Rarity, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """Sentences by the words and the meaning of rarity's question, the best first, with their relevance, 0..1. One that
    asks tells nothing."""
    candidates = [candidate for candidate in candidates if not is_question(candidate.text)]
    texts = [f"{candidate.text} {candidate.passage.lies_in}".strip() for candidate in candidates]
    cosines = await context.searcher.similarity(rarity.question, texts)
    sources = [candidate.source for candidate in candidates]
    scores = relevance(rarity, texts, sources, cosines)
    return sorted(zip(candidates, scores, strict=True), key=lambda pair: -pair[1])
