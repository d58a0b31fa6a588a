"""How near sentences and passages are to a question."""

from collections.abc import Sequence

from agentflow.corpus.rarity import Rarity

IN_ORDER = 0.15  # of the score by words: for words that stand side by side as in the question


def relevance(rarity: Rarity, texts: Sequence[str], sources: Sequence[str], cosines: Sequence[float]) -> list[float]:
    """0..1 for each sentence: its own words count in full, those of its source by half, and its nearness in meaning."""
    scores = []
    for place, (text, source) in enumerate(zip(texts, sources, strict=True)):
        own, both = rarity.coverage(text), rarity.coverage(f"{text} {source}")
        words = min(1.0, 0.5 * own + 0.5 * both + IN_ORDER * rarity.in_order(text))
        scores.append(0.6 * words + 0.4 * max(0.0, cosines[place]) if cosines else words)
    return scores
