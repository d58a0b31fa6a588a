"""Intervals of means and of paired differences, exact tests, and Holm's correction.

The case is the unit: repeats of a case are averaged before anything else. Yes/no metrics get Wilson's interval, and
Agresti and Min's (2005) for paired differences, with McNemar's exact test; all others the bias-corrected accelerated
bootstrap (Efron 1987) and a paired permutation test, exact while all sign flips can be counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentflow.calibration.verdict import wilson

LEVEL = 0.95
RESAMPLES = 4000
FLIPS = 9999
SEED = 0
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean (or mean difference) of `n` cases with its 95 % interval; an interval needs two cases."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """Second minus first over the same cases; `p` of the exact test, `corrected` by Holm over its family."""

    p: float
    corrected: float = math.nan


Numbers = Sequence[float] | NDArray[np.float64]


def estimate(values: Numbers) -> Estimate:
    data = np.asarray(values, dtype=np.float64)
    if len(data) < 2:
        return Estimate(float(data[0]) if len(data) else math.nan, math.nan, math.nan, len(data))
    low, high = wilson(int(data.sum()), len(data)) if is_binary(data) else _bootstrap(data)
    return Estimate(float(data.mean()), low, high, len(data))


def difference(first: Numbers, second: Numbers) -> Difference:
    """Paired: the two hold the same cases in the same order."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    change = b - a
    if len(change) < 2:
        return Difference(float(change[0]) if len(change) else math.nan, math.nan, math.nan, len(change), math.nan)
    if is_binary(a) and is_binary(b):
        low, high = _agresti_min(change)
        return Difference(float(change.mean()), low, high, len(change), _mcnemar(change))
    low, high = _bootstrap(change)
    return Difference(float(change.mean()), low, high, len(change), _sign_flips(change))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down correction, in the order given; NaN stays NaN and does not count."""
    known = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    corrected, highest = [math.nan] * len(p_values), 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        corrected[place] = highest
    return corrected


def is_binary(data: Values) -> bool:
    return bool(np.isin(data, (0.0, 1.0)).all())


def _bootstrap(data: Values) -> tuple[float, float]:
    from scipy.stats import bootstrap

    if np.ptp(data) == 0:
        return float(data[0]), float(data[0])
    found = bootstrap(
        (data,), np.mean, n_resamples=RESAMPLES, confidence_level=LEVEL, method="BCa", rng=np.random.default_rng(SEED)
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _agresti_min(change: Values) -> tuple[float, float]:
    """Half a case added to each cell of the paired table: an interval also when no pair differs."""
    from scipy.stats import norm

    better, worse = float((change > 0).sum()) + 0.5, float((change < 0).sum()) + 0.5
    n = len(change) + 2.0
    mean = (better - worse) / n
    reach = float(norm.ppf(0.5 + LEVEL / 2)) * math.sqrt((better + worse) / n - mean**2) / math.sqrt(n)
    return max(-1.0, mean - reach), min(1.0, mean + reach)


def _mcnemar(change: Values) -> float:
    from scipy.stats import binomtest

    better, worse = int((change > 0).sum()), int((change < 0).sum())
    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0


def _sign_flips(change: Values) -> float:
    """Two-sided; pairs without a difference say nothing. All flips are counted up to 13 pairs, else FLIPS are drawn."""
    from scipy.stats import permutation_test

    differing = change[change != 0]
    if len(differing) < 2:
        return 1.0
    found = permutation_test(
        (differing,), lambda x, axis: np.mean(x, axis=axis), permutation_type="samples", vectorized=True,
        n_resamples=FLIPS, rng=np.random.default_rng(SEED),
    )  # fmt: skip
    return float(found.pvalue)
