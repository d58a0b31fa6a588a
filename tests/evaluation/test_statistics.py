"""Intervals cover the truth about 95 times in 100; pairs without a difference are called different in at most 5 %."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from agentflow.evaluation import statistics
from agentflow.evaluation.statistics import difference, estimate, holm

TRIALS = 300


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "RESAMPLES", 800)
    monkeypatch.setattr(statistics, "FLIPS", 999)


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def test_intervals_of_a_yes_no_metric_cover_the_truth() -> None:
    rng = np.random.default_rng(1)
    for truth in (0.1, 0.5, 0.9):
        found = [estimate((rng.random(50) < truth).astype(float)) for _ in range(TRIALS)]
        assert 0.92 <= share([e.low <= truth <= e.high for e in found]) <= 0.99


def test_intervals_of_a_skewed_metric_cover_the_truth() -> None:
    rng = np.random.default_rng(2)
    found = [estimate(rng.beta(0.5, 1.0, 60)) for _ in range(TRIALS)]
    assert 0.92 <= share([e.low <= 1 / 3 <= e.high for e in found]) <= 0.98


@pytest.mark.parametrize("effect", [0.0, 0.15])
def test_intervals_of_a_yes_no_difference_cover_the_truth(effect: float) -> None:
    """The same cases are hard for both: pairs are correlated."""
    rng = np.random.default_rng(3)
    hits, truth = [], true_effect(effect)
    for _ in range(TRIALS):
        hardness = rng.random(60)
        first, second = (hardness < 0.5).astype(float), (hardness + rng.normal(0, 0.1, 60) < 0.5 + effect).astype(float)
        found = difference(first, second)
        hits.append(found.low <= truth <= found.high)
    assert 0.92 <= share(hits) <= 0.99


def true_effect(effect: float) -> float:
    """P(U + N(0, 0.1) < 0.5 + effect) - 0.5 by a large sample."""
    rng = np.random.default_rng(0)
    return float((rng.random(400_000) + rng.normal(0, 0.1, 400_000) < 0.5 + effect).mean()) - 0.5


def test_intervals_of_a_graded_difference_cover_the_truth() -> None:
    rng = np.random.default_rng(4)
    hits = []
    for _ in range(TRIALS):
        base = rng.random(60)
        found = difference(base, base + rng.exponential(0.2, 60) - 0.1)
        hits.append(found.low <= 0.1 <= found.high)
    assert 0.91 <= share(hits) <= 0.98


def at_most_a_twentieth(hits: list[bool]) -> bool:
    """Whether a true rate of 5 % explains as many hits (one-sided exact test at 1 %)."""
    return bool(binomtest(sum(hits), len(hits), 0.05, alternative="greater").pvalue > 0.01)


def test_a_pair_without_a_difference_is_rarely_called_different() -> None:
    rng = np.random.default_rng(5)
    yes_no = [difference(*(rng.random((2, 50)) < 0.5).astype(float)).p for _ in range(1000)]
    graded = [difference(*rng.random((2, 9))).p for _ in range(TRIALS)]
    assert share([p < 0.05 for p in yes_no]) <= 0.05
    assert at_most_a_twentieth([p < 0.05 for p in graded])


def test_many_comparisons_without_a_difference_rarely_show_one() -> None:
    rng = np.random.default_rng(6)
    families = [[difference(*(rng.random((2, 50)) < 0.5).astype(float)).p for _ in range(6)] for _ in range(300)]
    assert at_most_a_twentieth([min(holm(family)) < 0.05 for family in families])
    assert share([min(family) < 0.05 for family in families]) > 0.06, "without the correction it would"


def test_a_clear_difference_is_found() -> None:
    rng = np.random.default_rng(7)
    base = rng.random(40)
    assert difference(base, base + 0.3 + rng.normal(0, 0.1, 40)).p <= 2 / (statistics.FLIPS + 1)  # the least there is
    assert difference([0.0] * 40, [1.0] * 20 + [0.0] * 20).p < 0.001


def test_exact_tests_by_hand() -> None:
    assert difference([0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1]).p == pytest.approx(2 / 32)
    assert difference([0.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]).p == pytest.approx(2 / 16)
    assert difference([1, 0, 1], [1, 0, 1]).p == 1


def test_equal_pairs_still_leave_room_for_doubt() -> None:
    found = difference([1.0] * 30, [1.0] * 30)
    assert found.low < 0 < found.high and found.mean == 0


def test_one_case_has_no_interval() -> None:
    assert math.isnan(estimate([0.3]).low) and estimate([0.3]).mean == 0.3
    assert math.isnan(estimate([]).mean) and math.isnan(difference([1.0], [0.5]).p)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(values: list[float]) -> None:
    corrected = holm(values)
    assert all(p <= c <= 1 for p, c in zip(values, corrected, strict=True))
    pairs = sorted(zip(values, corrected, strict=True))
    assert all(first[1] <= second[1] for first, second in pairwise(pairs))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, math.nan, 0.01])[2] == pytest.approx(0.02)
