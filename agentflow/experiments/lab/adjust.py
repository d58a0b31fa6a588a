"""Whether an effect survives among rows that are alike in another column: least squares with errors robust to unequal
spread (HC3, MacKinnon and White 1985). The effect keeps the scale of the plain one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .columns import Column

Floats = NDArray[np.float64]
ROWS_FOR_CURVE = 60  # from which a number is adjusted for by a curve, not by a line
ROWS_A_TERM = 8
ALIAS = 0.97  # share of a column's variance that the others explain, from which they cannot be told apart


class Adjusted(NamedTuple):
    """`effect` is NaN for a group of more than two levels, which has no one direction."""

    rows: int
    effect: float
    low: float
    high: float
    p: float


def design(column: Column, rows: NDArray[np.int64]) -> Floats:
    """The terms of a covariate for these rows: standardised, with its square where rows allow it; levels as 0 and 1."""
    values = column.values.iloc[rows]
    if column.kind in ("number", "date"):
        numbers = values.to_numpy(float)
        spread = numbers.std()
        scaled = (numbers - numbers.mean()) / spread if spread else numbers * 0
        curved = len(numbers) >= ROWS_FOR_CURVE and len(np.unique(numbers)) > 5
        return np.column_stack([scaled, scaled**2 - 1] if curved else [scaled])
    levels = list(column.levels)[1:]
    return np.column_stack([(values == level).to_numpy(float) for level in levels])


def adjusted(y: Floats, x: Floats, terms: Sequence[Floats]) -> Adjusted | None:
    """The effect of `x` (one column, or one for each level but the first) at equal terms; None where there are too few rows
    or where the terms leave nothing of `x`."""
    others = np.column_stack([np.ones(len(y)), *terms])
    others = others[:, [True, *(np.ptp(others[:, 1:], axis=0) > 0)]]
    matrix = np.column_stack([x, others])
    groups = x.shape[1]
    if len(y) < ROWS_A_TERM * matrix.shape[1] or explained(x, others) > ALIAS:
        return None
    inverse = np.linalg.pinv(matrix.T @ matrix)
    weights = inverse @ (matrix.T @ y)
    leverage = np.einsum("ij,jk,ik->i", matrix, inverse, matrix)
    errors = (y - matrix @ weights) / np.maximum(1 - leverage, 1e-6)
    covariance = inverse @ (matrix.T * errors**2) @ matrix @ inverse
    free = len(y) - np.linalg.matrix_rank(matrix)
    if groups > 1:
        wald = weights[:groups] @ np.linalg.pinv(covariance[:groups, :groups]) @ weights[:groups] / groups
        return Adjusted(len(y), np.nan, np.nan, np.nan, float(stats.f.sf(wald, groups, free)))
    error = float(np.sqrt(covariance[0, 0]))
    effect, reach = float(weights[0]), float(stats.t.ppf(0.975, free)) * error
    p = 2 * stats.t.sf(abs(effect) / error, free) if error else 1.0
    return Adjusted(len(y), effect, effect - reach, effect + reach, float(p))


def explained(x: Floats, others: Floats) -> float:
    """The share of the first column's variance that the other columns explain."""
    first = x[:, 0]
    left = first - others @ np.linalg.lstsq(others, first, rcond=None)[0]
    return 1 - float(left.var() / first.var()) if first.var() else 1.0
