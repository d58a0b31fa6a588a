"""The test that fits an outcome and a group, with an effect and its interval by bootstrap.

| outcome | group | test | effect |
|---|---|---|---|
| number | two levels | Welch's t; Mann-Whitney where a few rows or a long tail forbid it | difference of means; Cliff's delta |
| two values | two levels | chi-square; Fisher where cells are few | difference of shares |
| number or two values | number | Pearson; Spearman with a long tail | correlation |
| number | more levels | Alexander-Govern; Kruskal-Wallis | share of variance (eta squared) |
| values | levels | chi-square | Cramér's V |
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
RESAMPLES = 2_000
WORK = 20_000_000  # rows drawn in all; of large tables fewer resamples are drawn, at least FEWEST
FEWEST = 200
FEW_ROWS = 30  # in a group, below which a mean is not trusted to be normal
LONG_TAIL = 2.0  # skewness
LEAST = 5  # rows in a group


class TooFew(Exception):
    """There are too few rows for any test."""


@dataclass(frozen=True, slots=True)
class EffectEstimate:
    """`low` to `high` is the 95 % interval of `effect`; `size` a standardised effect; `ranks`: the test compares ranks."""

    test: str
    measure: str
    effect: float
    low: float
    high: float
    p: float
    ranks: bool = False
    size: float = math.nan


def compare(y: Floats, x: Floats, seed: int, *, binary: bool) -> EffectEstimate:
    """An outcome (numbers, or 0 and 1 where `binary`) between x = 1 and x = 0. Raises TooFew."""
    treated, others = y[x == 1], y[x == 0]
    if min(len(treated), len(others)) < LEAST:
        raise TooFew(f"{len(treated)} and {len(others)} rows to compare; each group needs {LEAST}")
    return _shares(treated, others, seed) if binary else _numbers(treated, others, seed)


def _numbers(treated: Floats, others: Floats, seed: int) -> EffectEstimate:
    small = min(len(treated), len(others)) < FEW_ROWS
    if any(_long_tailed(group) or (small and _odd(group)) for group in (treated, others)):
        found = stats.mannwhitneyu(treated, others)
        low, high = _interval([treated, others], cliff, seed)
        return EffectEstimate(
            "Mann-Whitney U", "Cliff's delta", cliff(treated, others), low, high, float(found.pvalue), ranks=True
        )
    found = stats.ttest_ind(treated, others, equal_var=False)
    difference = float(treated.mean() - others.mean())
    spread = math.sqrt((treated.var(ddof=1) + others.var(ddof=1)) / 2)
    low, high = _interval([treated, others], lambda a, b: float(a.mean() - b.mean()), seed)
    return EffectEstimate(
        "Welch's t",
        "difference of means",
        difference,
        low,
        high,
        float(found.pvalue),
        size=difference / spread if spread else math.nan,
    )


def _shares(treated: Floats, others: Floats, seed: int) -> EffectEstimate:
    table = np.array([[group.sum(), len(group) - group.sum()] for group in (treated, others)])
    if 0 in table.sum(axis=0):
        raise TooFew("all rows have the same outcome")
    few = stats.contingency.expected_freq(table).min() < 5
    p = stats.fisher_exact(table).pvalue if few else stats.chi2_contingency(table, correction=False).pvalue
    draws = np.random.default_rng(seed)
    shares = [draws.binomial(len(group), group.mean(), RESAMPLES) / len(group) for group in (treated, others)]
    low, high = np.percentile(shares[0] - shares[1], [2.5, 97.5])
    name = "Fisher's exact" if few else "chi-square"
    return EffectEstimate(
        name, "difference of shares", float(treated.mean() - others.mean()), float(low), float(high), float(p)
    )


def correlate(y: Floats, x: Floats, seed: int) -> EffectEstimate:
    """Raises TooFew."""
    if len(y) < 2 * LEAST:
        raise TooFew(f"{len(y)} rows; a correlation needs {2 * LEAST}")
    if np.ptp(y) == 0 or np.ptp(x) == 0:
        raise TooFew("one of the columns holds one value only")
    ranks = _long_tailed(x) or _long_tailed(y)
    test: Callable[[Floats, Floats], Any] = stats.spearmanr if ranks else stats.pearsonr
    found = test(x, y)
    a, b = (stats.rankdata(x), stats.rankdata(y)) if ranks else (x, y)
    low, high = _interval([np.column_stack([a, b])], lambda rows: _pearson(rows[:, 0], rows[:, 1]), seed)
    name, measure = ("Spearman", "rank correlation") if ranks else ("Pearson", "correlation")
    return EffectEstimate(name, measure, float(found.statistic), low, high, float(found.pvalue), ranks=ranks)


def among(y: Floats, codes: Floats, seed: int) -> EffectEstimate:
    """Numbers among more than two levels. Raises TooFew."""
    groups = [y[codes == code] for code in np.unique(codes)]
    if min(map(len, groups)) < LEAST:
        raise TooFew(f"a level has {min(map(len, groups))} rows; each needs {LEAST}")
    ranks = any(_long_tailed(group) or np.ptp(group) == 0 for group in groups)
    found = stats.kruskal(*groups) if ranks else stats.alexandergovern(*groups)
    values = stats.rankdata(y) if ranks else y
    rows = np.column_stack([values, codes])
    low, high = _interval([rows], lambda drawn: _eta(drawn[:, 0], drawn[:, 1]), seed)
    name = "Kruskal-Wallis" if ranks else "Alexander-Govern"
    return EffectEstimate(name, "share of variance", _eta(values, codes), low, high, float(found.pvalue), ranks=ranks)


def associate(y: Floats, x: Floats, seed: int) -> EffectEstimate:
    """Codes of two columns of levels. Raises TooFew."""
    if len(y) < 4 * LEAST:
        raise TooFew(f"{len(y)} rows; a table of levels needs {4 * LEAST}")
    table = _counted(y, x)
    found = stats.chi2_contingency(table)
    if found.expected_freq.min() < 1:
        raise TooFew("some combinations of levels are hardly ever expected")
    low, high = _interval([np.column_stack([y, x])], lambda rows: _cramer(_counted(rows[:, 0], rows[:, 1])), seed)
    return EffectEstimate("chi-square", "Cramér's V", _cramer(table), low, high, float(found.pvalue))


def cliff(treated: Floats, others: Floats) -> float:
    """The chance that a row of the one is above a row of the other, less the chance that it is below: -1..1."""
    ranks = stats.rankdata(np.concatenate([treated, others]))
    above = ranks[: len(treated)].sum() - len(treated) * (len(treated) + 1) / 2
    return float(2 * above / (len(treated) * len(others)) - 1)


def _interval(groups: list[Floats], effect: Callable[..., float], seed: int) -> tuple[float, float]:
    """Percentiles of the effect on rows drawn with replacement within each group."""
    draws = np.random.default_rng(seed)
    times = max(FEWEST, min(RESAMPLES, WORK // sum(map(len, groups))))
    found = [effect(*(group[draws.integers(0, len(group), len(group))] for group in groups)) for _ in range(times)]
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return float(low), float(high)


def _long_tailed(values: Floats) -> bool:
    return bool(np.ptp(values) > 0) and abs(float(stats.skew(values))) > LONG_TAIL


def _odd(values: Floats) -> bool:
    """Whether a few rows are visibly not normal."""
    return bool(np.ptp(values) == 0) or float(stats.shapiro(values).pvalue) < 0.01


def _pearson(x: Floats, y: Floats) -> float:
    a, b = x - x.mean(), y - y.mean()
    whole = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / whole if whole else math.nan


def _eta(y: Floats, codes: Floats) -> float:
    whole = ((y - y.mean()) ** 2).sum()
    between = sum(len(y[codes == code]) * (y[codes == code].mean() - y.mean()) ** 2 for code in np.unique(codes))
    return float(between / whole) if whole else math.nan


def _counted(y: Floats, x: Floats) -> NDArray[np.int64]:
    table: NDArray[np.int64] = stats.contingency.crosstab(y, x).count
    return table


def _cramer(table: NDArray[np.int64]) -> float:
    if min(table.shape) < 2:
        return 0.0
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    return math.sqrt(float(chi2) / (table.sum() * (min(table.shape) - 1)))
