"""Exact match and F1 against the official evaluation script's rules."""

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.text.squad import exact_match, f1, normalise


def official_normalise(text: str) -> str:
    """As evaluate-v1.1.py states it: white_space_fix(remove_articles(remove_punc(lower(s))))."""
    text = "".join(char for char in text.lower() if char not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def official_f1(prediction: str, truth: str) -> float:
    predicted, true = official_normalise(prediction).split(), official_normalise(truth).split()
    same = sum((Counter(predicted) & Counter(true)).values())
    if same == 0:
        return 0.0
    precision, recall = 1.0 * same / len(predicted), 1.0 * same / len(true)
    return (2 * precision * recall) / (precision + recall)


words = st.lists(
    st.sampled_from(["the", "a", "An", "cat", "Cat,", "sat", "U.S.", "don't", "état", "-", "the-end", "1,000"]),
    max_size=8,
)


@given(words.map(" ".join), words.map(" ".join))
def test_scores_equal_the_official_ones(answer: str, gold: str) -> None:
    assert normalise(answer) == official_normalise(answer)
    assert exact_match(answer, [gold]) == float(official_normalise(answer) == official_normalise(gold))
    assert f1(answer, [gold]) == pytest.approx(official_f1(answer, gold))


@given(st.text(max_size=40))
def test_any_text_normalises_as_the_official_script_does(text: str) -> None:
    assert normalise(text) == official_normalise(text)


def test_the_best_of_the_accepted_answers_counts() -> None:
    assert exact_match("The Eiffel Tower!", ["tower", "eiffel tower"]) == 1
    assert f1("tower of Paris", ["Eiffel Tower", "the Paris tower"]) == pytest.approx(0.8)
    assert f1("London", []) == 0 and exact_match("", []) == 0
