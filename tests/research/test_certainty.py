"""What the probabilities of an answer's tokens say of it, whatever the tokenizer's cuts."""

import math

import pytest

from agentflow.models.client.types import Answer
from agentflow.research.answers.certainty import SURE, certainty


def said(*tokens: tuple[str, dict[str, float]]) -> Answer:
    """Each token with its alternatives' probabilities, its own among them."""
    alternatives = tuple({text: math.log(chance) for text, chance in others.items()} for _, others in tokens)
    return Answer("".join(text for text, _ in tokens), logprobs=alternatives)


def test_a_token_may_close_the_answer_as_it_opens_it() -> None:
    answer = said(
        ('{"answer":', {'{"answer":': 1.0}),
        (' "', {' "': 0.7, ' "",': 0.25, ' "\\': 0.05}),
        ("blue", {"blue": 0.4, "red": 0.3}),
        ('", "sentence": 1}', {'", "sentence": 1}': 1.0}),
    )
    assert certainty(answer)[:2] == pytest.approx((0.25, 0.4))


def test_the_quote_sign_may_be_a_token_of_its_own() -> None:
    answer = said(
        ('{"answer": "', {'{"answer": "': 1.0}),
        ("blue", {"blue": 0.5, '",': 0.3}),
        ('"}', {'"}': 1.0}),
    )
    assert certainty(answer)[:2] == pytest.approx((0.3, 0.5))


def test_an_empty_answer_is_as_likely_as_its_token() -> None:
    answer = said(('{"answer":', {'{"answer":': 1.0}), (' "",', {' "",': 0.8, ' "': 0.2}), (' "sentence": 0}', {}))
    assert certainty(answer)[:2] == pytest.approx((0.8, 1.0))


def test_a_server_without_probabilities_leaves_nothing_to_doubt() -> None:
    assert certainty(Answer('{"answer": "blue", "sentence": 1}')) == SURE
    assert certainty(Answer("blue", logprobs=({"blue": -1.0},))) == SURE


def test_tokens_that_do_not_spell_the_answer_end_the_reading() -> None:
    assert certainty(Answer('{"answer": "blue"}', logprobs=({"x": -1.0}, {"y": -2.0}))) == SURE
