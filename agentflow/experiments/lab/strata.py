"""The effect within each level of a covariate: where Simpson's paradox shows itself."""

from typing import Any

import pandas as pd

from .columns import Column
from .estimate import EffectEstimate, TooFew, compare, correlate
from .rows import CompleteRows

PARTS = 3  # of a number


def strata_of(column: Column, rows: CompleteRows, estimate: EffectEstimate, seed: int) -> list[dict[str, Any]]:
    """Levels of the column, or thirds of a number, with rows and effect; those with too few rows only with their rows."""
    parts = []
    for label, inside in _parts(column, rows).items():
        part: dict[str, Any] = {"level": label, "rows": int(inside.sum())}
        try:
            if rows.group == "binary" and rows.outcome != "levels":
                found = compare(rows.y[inside], rows.x[inside], seed, binary=rows.outcome == "binary")
            elif rows.group == "number" and rows.outcome != "levels":
                found = correlate(rows.y[inside], rows.x[inside], seed)
            else:
                continue
            if found.measure == estimate.measure:
                part |= {"effect": found.effect, "low": found.low, "high": found.high}
        except TooFew:
            pass
        parts.append(part)
    return parts


def _parts(column: Column, rows: CompleteRows) -> dict[str, Any]:
    values = column.values.iloc[rows.kept]
    if column.kind in ("number", "date"):
        cut = pd.qcut(values, PARTS, duplicates="drop")
        return {
            f"{column.name} {each.left:.4g} to {each.right:.4g}": (cut == each).to_numpy()
            for each in cut.cat.categories
        }
    return {f"{column.name} = {level}": (values == level).to_numpy() for level in list(column.levels)[:8]}
