"""From what was right to what a model is trusted with: only what is sure at this small number of cases."""

import math

from agentflow.models.catalog.model_config import ABILITIES, Ability

Scores = dict[str, tuple[int, int]]
DEVIATIONS = 1.96  # of the normal distribution: 95 %
LEAST: dict[Ability, float] = {
    "point": 0.4,
    "decline": 1 / 3,
    "explain": 0.2,
    "plan": 0.2,
    "word": 0.2,
    "call": 0.2,
}
"""The share that must be right even at the low end of the interval."""
POINTS_WELL = 0.6  # 11 of 12
MEANT = {
    "json": "complete JSON",
    "answer": "the answer itself",
    "point": "answer and its place",
    "decline": "silence where no sentence tells",
    "explain": "how and why, in words that tell",
    "plan": "a question split into its parts",
    "word": "claims that stay with their quotes",
    "call": "the tool and its arguments",
}


def verdict(scores: Scores) -> tuple[Ability, ...]:
    """A short answer in place of its sentence is left to a model that finds the sentence. Declining counts for a model that
    answers where there is an answer: one that never says anything cannot tell. The rules that doubt an answer are measured on
    a model that points badly; one that points well is left alone by them."""
    sure = {ability: wilson(*scores.get(ability, (0, 0)))[0] for ability in ABILITIES}
    answers = wilson(*scores.get("answer", (0, 0)))[0] >= LEAST["decline"]
    able = {ability for ability in ABILITIES if sure[ability] >= LEAST[ability] and (ability != "decline" or answers)}
    if "point" not in able:
        able.discard("explain")
    if sure["point"] >= POINTS_WELL:
        able.add("decline")
    return tuple(ability for ability in ABILITIES if ability in able)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 without cases."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, DEVIATIONS**2
    middle = share + square / (2 * of)
    spread = DEVIATIONS * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + square / of)), min(1.0, (middle + spread) / (1 + square / of))
