"""Numbers and dates as a claim and its quote write them."""

import pytest

from agentflow.text.months import month_number
from agentflow.text.numbers import foreign_numbers, numbers


@pytest.mark.parametrize(
    "day", ["5. Mai 1931", "le 5 mai 1931", "5 de mayo de 1931", "5 maggio 1931", "5 мая 1931", "5. května 1931"]
)
def test_a_day_is_the_same_in_every_language(day: str) -> None:
    assert numbers(day) == {"1931-05-05"}
    assert not foreign_numbers(day, "Geöffnet am 05.05.1931.")
    assert foreign_numbers(day, "Geöffnet am 06.05.1931.")


@pytest.mark.parametrize("word", ["Marching", "Mayor", "Decide", "Julia"])
def test_a_word_that_begins_like_a_month_is_none(word: str) -> None:
    assert month_number(word) == 0


def test_a_very_long_run_of_ideographs_is_no_number() -> None:
    assert numbers("一九三一") == {"1931"} and not numbers("三" * 5_000)
