"""What few cases allow to be said."""

import pytest

from agentflow.calibration.verdict import LEAST, MEANT, verdict, wilson
from agentflow.models.catalog.model_config import ABILITIES


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),  # Newcombe 1998, table I, and the closed forms at 0 and n
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    assert wilson(right, of) == pytest.approx((low, high), abs=1e-4)


def test_nothing_tried_tells_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0) and verdict({}) == ()


def test_every_ability_is_judged_and_named() -> None:
    assert set(LEAST) == set(ABILITIES) and set(MEANT) == {*ABILITIES, "json", "answer"}
    assert verdict(dict.fromkeys(MEANT, (12, 12))) == ABILITIES


def test_one_that_declines_everything_is_not_trusted_to_decline() -> None:
    assert verdict({"decline": (6, 6), "answer": (0, 12)}) == ()
    assert verdict({"decline": (6, 6), "answer": (12, 12)}) == ("decline",)


def test_short_answers_are_left_to_one_that_finds_their_sentence() -> None:
    assert verdict({"explain": (3, 3), "point": (6, 12)}) == ()
    assert verdict({"explain": (3, 3), "point": (9, 12)}) == ("point", "explain")


def test_one_that_points_well_is_not_doubted() -> None:
    assert verdict({"decline": (0, 6), "point": (11, 12)}) == ("point", "decline")
    assert verdict({"decline": (0, 6), "point": (10, 12)}) == ("point",)
