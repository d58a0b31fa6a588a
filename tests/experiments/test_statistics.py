"""The numbers, against scipy's own, against what is known of made data, and against themselves when rows are changed."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agentflow.experiments.lab.adjust import adjusted, design
from agentflow.experiments.lab.analysis import correct, estimated, on_scale
from agentflow.experiments.lab.columns import column
from agentflow.experiments.lab.estimate import TooFew, among, associate, cliff, compare, correlate
from agentflow.experiments.lab.rows import CompleteRows, rows_of

DRAW = np.random.default_rng(1)


def rows(y: np.ndarray, x: np.ndarray, outcome: str = "number", group: str = "binary") -> CompleteRows:
    return CompleteRows(y, x, np.arange(len(y)), outcome, group, {1.0: "new", 0.0: "old"}, {}, 0)  # type: ignore[arg-type]


def two(n: int, shift: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = np.repeat([0.0, 1.0], n)
    return draw.normal(size=2 * n) + shift * x, x


def test_means_are_compared_by_welch_and_short_long_tails_by_ranks() -> None:
    y, x = two(60, 0.5)
    found = compare(y, x, 0, binary=False)
    assert found.test == "Welch's t"
    assert found.p == pytest.approx(stats.ttest_ind(y[x == 1], y[x == 0], equal_var=False).pvalue)
    tailed = compare(np.exp(2 * y), x, 0, binary=False)
    assert tailed.test == "Mann-Whitney U" and tailed.measure == "Cliff's delta"
    assert tailed.effect == pytest.approx(cliff(y[x == 1], y[x == 0]))  # ranks are the same after any stretching


def test_the_interval_holds_the_true_difference_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        y, x = two(40, 1.0, seed)
        found = compare(y, x, seed, binary=False)
        held += found.low <= 1.0 <= found.high
    assert 51 <= held <= 60


def test_shares_are_compared_by_chi_square_and_few_ones_by_fisher() -> None:
    y = np.array([1.0] * 30 + [0.0] * 30 + [1.0] * 10 + [0.0] * 50)
    x = np.repeat([1.0, 0.0], 60)
    found = compare(y, x, 0, binary=True)
    assert found.test == "chi-square" and found.effect == pytest.approx(30 / 60 - 10 / 60)
    few = compare(np.r_[np.ones(3), np.zeros(7), np.zeros(10)], np.repeat([1.0, 0.0], 10), 0, binary=True)
    assert few.test == "Fisher's exact"


def test_correlations_and_levels_have_their_own_tests() -> None:
    x = DRAW.normal(size=100)
    assert correlate(x + DRAW.normal(size=100), x, 0).test == "Pearson"
    assert correlate(np.exp(3 * x), x, 0).test == "Spearman"
    codes = np.repeat([0.0, 1.0, 2.0], 30)
    assert among(DRAW.normal(size=90) + codes, codes, 0).test == "Alexander-Govern"
    assert associate(DRAW.integers(3, size=90).astype(float), codes, 0).measure == "Cramér's V"


@pytest.mark.parametrize("shift", [0.0, 0.8])
def test_the_adjusted_effect_without_covariates_is_the_plain_one(shift: float) -> None:
    y, x = two(50, shift)
    for values, outcome, group, given_x in (
        (y, "number", "binary", x), (np.exp(2 * y), "number", "binary", x), ((y > 0).astype(float), "binary", "binary", x),
        (y, "number", "number", y + DRAW.normal(size=100)),
    ):  # fmt: skip
        made = rows(values, given_x, outcome, group)
        estimate = estimated(made, 0)
        found = adjusted(*on_scale(made, estimate), [])
        assert found is not None and found.effect == pytest.approx(estimate.effect, abs=1e-9)


def test_a_confounder_takes_the_effect_away_and_simpsons_paradox_turns_it() -> None:
    draw = np.random.default_rng(0)
    third = column("severity", pd.Series([f"{n}" for n in draw.integers(5, size=400)], dtype=object))
    hidden = third.values.to_numpy(float)
    x = (hidden + draw.normal(size=400) > 2).astype(float)
    for true in (0.0, -1.0):
        y = 2 * hidden + true * x + draw.normal(size=400)
        plain = adjusted(y, x[:, None], [])
        equal = adjusted(y, x[:, None], [design(third, np.arange(400))])
        assert plain is not None and equal is not None
        assert plain.low > 0.5
        assert equal.low < true < equal.high and (true == 0.0 or equal.high < 0)


def test_what_is_the_same_as_the_group_cannot_be_adjusted_for() -> None:
    y, x = two(50, 1.0)
    assert adjusted(y, x[:, None], [x[:, None] * 2 + 3]) is None


def test_holm_corrects_as_by_hand() -> None:
    found: list[dict[str, Any]] = [{"p": 0.01}, {"p": 0.04}, {"error": "too few"}, {"p": 0.03}]
    correct(found)
    assert [item.get("p_corrected") for item in found] == [
        pytest.approx(0.03),
        pytest.approx(0.06),
        None,
        pytest.approx(0.06),
    ]


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_and_the_unit_of_the_outcome_change_no_p(seed: int) -> None:
    y, x = two(20, 0.4, seed)
    order = np.random.default_rng(seed).permutation(len(y))
    plain, shuffled, scaled = (
        compare(a, b, 0, binary=False) for a, b in ((y, x), (y[order], x[order]), (24 * y + 5, x))
    )
    assert plain.p == pytest.approx(shuffled.p) == pytest.approx(scaled.p)
    assert scaled.test != "Welch's t" or scaled.effect == pytest.approx(24 * plain.effect)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(TooFew, match="3 and 3 rows"):
        compare(np.arange(6).astype(float), np.repeat([0.0, 1.0], 3), 0, binary=False)


def test_rows_of_one_patient_count_once_and_a_group_that_changes_within_is_refused() -> None:
    frame = {
        "patient": column("patient", pd.Series([f"P{n // 2}" for n in range(40)], dtype=object)),
        "dose": column("dose", pd.Series(["new" if n % 4 < 2 else "old" for n in range(40)], dtype=object)),
        "days": column("days", pd.Series([str(n % 9) for n in range(40)], dtype=object)),
    }
    plan = {"outcome": "days", "group": "dose", "level": "new", "baseline": "old", "unit": "patient", "success": None}
    assert len(rows_of(plan, frame).y) == 20
    frame["dose"] = column("dose", pd.Series(["new" if n % 2 else "old" for n in range(40)], dtype=object))
    with pytest.raises(TooFew, match="group changes within"):
        rows_of(plan, frame)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "3", "4"], "number"), (["1,5", "2,5", "3,25"], "number"), (["1,000", "2,500", "13,000"], "number"),
        (["yes", "no", "yes", "NA"], "binary"), (["a", "b", "c", "a", "b", "c"], "category"), (["x", "x"], "constant"),
        (["2024-01-02", "2024-02-03", "2024-03-09"], "date"), (["ab12", "cd34", "ef56"], "identifier"),
        (["NaN", "inf", "1", "2", "3"], "identifier"),
    ],
)  # fmt: skip
def test_the_kind_of_a_column(cells: list[str], kind: str) -> None:
    found = column("x", pd.Series(cells, dtype=object))
    assert found.kind == kind
    if kind == "number":
        assert not any(math.isinf(value) for value in found.values)
