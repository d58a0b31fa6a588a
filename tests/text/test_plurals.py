"""Plurals by their form."""

import pytest

from agentflow.text.plurals import singular


@pytest.mark.parametrize("word", ["bus", "status", "his", "class", "gas station", "is"])
def test_what_ends_in_s_is_not_always_one(word: str) -> None:
    assert singular(word) == word


def test_a_plural_loses_its_s() -> None:
    assert [singular(word) for word in ("shifts", "APIs", "night shifts")] == ["shift", "API", "night shift"]
