"""How surely a model says yes, from the probabilities of its first word: a small model says yes too easily, but less surely
where it is wrong (Kadavath et al. 2022, P(True))."""

import math

from agentflow.models.client.types import Answer

ALTERNATIVES = 10  # of the first token, to ask the server for


def chance_of_yes(answer: Answer) -> float | None:
    """0..1, of an answer by yes or no. None where the server tells no probabilities, or the model says neither."""
    chances = {"yes": 0.0, "no": 0.0}
    for token, chance in (answer.logprobs[0] if answer.logprobs else {}).items():
        word = token.strip().lower()
        if word in chances:
            chances[word] += math.exp(chance)
    told = sum(chances.values())
    return chances["yes"] / told if told else None
