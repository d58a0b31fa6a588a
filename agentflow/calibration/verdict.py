"""From what was right to what a model is trusted with: only what is sure at this small number of cases."""

import math

from agentflow.models.catalog.model_config import ABILITIES, Ability

Scores = dict[str, tuple[int, int]]
DEVIATIONS = 1.96  # of the normal distribution: 95 %
LEAST: dict[Ability, float] = {
    "point": 0.5,
    "decline": 0.5,
    "explain": 1 / 3,
    "plan": 1 / 3,
    "word": 1 / 3,
    "call": 1 / 3,
}
"""The share that must be right even at the low end of the interval."""
MEANT = {
    "json": "complete JSON",
    "answer": "the answer itself",
    "point": "answer and its sentence's number",
    "decline": "silence where no sentence tells",
    "explain": "how and why, in words that tell",
    "plan": "a question split into its parts",
    "word": "claims that stay with their quotes",
    "call": "the tool and its arguments",
}


def verdict(scores: Scores) -> tuple[Ability, ...]:
    """Declining counts for a model that answers where there is an answer: one that never says anything cannot tell."""
    sure = {name: wilson(*score)[0] for name, score in scores.items()}
    able = [ability for ability in ABILITIES if sure.get(ability, 0.0) >= LEAST[ability]]
    return tuple(ability for ability in able if ability != "decline" or sure.get("answer", 0.0) >= LEAST["decline"])


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 without cases."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, DEVIATIONS**2
    middle = share + square / (2 * of)
    spread = DEVIATIONS * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + square / of)), min(1.0, (middle + spread) / (1 + square / of))
