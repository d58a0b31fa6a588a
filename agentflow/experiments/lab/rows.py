"""The rows of one hypothesis as numbers: its outcome, its group, and which rows of the table they are."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from .columns import Column
from .estimate import Floats, TooFew

Shape = Literal["number", "binary", "levels"]


@dataclass(frozen=True, slots=True)
class CompleteRows:
    """`y` and `x` without missing values; `kept` are their places in the table. Binary is 0 and 1, levels are codes."""

    y: Floats
    x: Floats
    kept: "np.ndarray[Any, np.dtype[np.int64]]"
    outcome: Shape
    group: Shape
    names: dict[float, str]  # of the group's codes
    outcomes: dict[float, str]
    left_out: int


def rows_of(hypothesis: dict[str, Any], columns: dict[str, Column]) -> CompleteRows:
    """Raises TooFew when measures that repeat within a unit are not of one group."""
    outcome, group = columns[hypothesis["outcome"]], columns[hypothesis["group"]]
    y, y_shape, outcomes = _coded(outcome, hypothesis.get("success"), None)
    x, x_shape, names = _coded(group, hypothesis.get("level"), hypothesis.get("baseline"))
    known = ~(np.isnan(y) | np.isnan(x))
    of_level = group.values.notna().to_numpy()
    left_out = int((of_level & ~known).sum()) if x_shape == "binary" else int((~known).sum())
    kept = np.flatnonzero(known)
    y, x = y[kept], x[kept]
    if unit := hypothesis.get("unit"):
        if y_shape == "levels":
            raise TooFew(f"rows repeat within {unit}: an outcome of several values has no mean")
        y, x, kept = _by_unit(y, x, kept, columns[unit])
        y_shape = "number"
    return CompleteRows(y, x, kept, y_shape, x_shape, names, outcomes, left_out)


def _coded(column: Column, level: str | None, baseline: str | None) -> tuple[Floats, Shape, dict[float, str]]:
    """A level against a baseline is 1 and 0, without a baseline against all others; numbers are as they are."""
    if column.kind in ("number", "date"):
        return column.values.to_numpy(float), "number", {}
    text = column.values
    if level is None:
        levels = sorted(column.levels)
        codes = {name: float(code) for code, name in enumerate(levels)}
        return text.map(codes).to_numpy(float), "levels", {code: name for name, code in codes.items()}
    ones = (text == level).to_numpy(float)
    others = text.notna().to_numpy() if baseline is None else ((text == level) | (text == baseline)).to_numpy()
    return np.where(others, ones, np.nan), "binary", {1.0: level, 0.0: baseline or "all others"}


def _by_unit(y: Floats, x: Floats, kept: Any, unit: Column) -> tuple[Floats, Floats, Any]:
    """One row a unit: its mean outcome. Rows of one patient are not many patients."""
    frame = pd.DataFrame({"y": y, "x": x, "kept": kept, "unit": unit.values.to_numpy()[kept]}).dropna()
    groups = frame.groupby("unit", sort=True)
    if (groups["x"].nunique() > 1).any():
        raise TooFew(f"rows repeat within {unit.name}, and the group changes within it: such designs are not planned")
    once = groups.agg({"y": "mean", "x": "first", "kept": "first"})
    return once["y"].to_numpy(float), once["x"].to_numpy(float), once["kept"].to_numpy()


def summaries(rows: CompleteRows) -> list[dict[str, Any]]:
    """Rows, mean, median and spread of the outcome in each level of the group."""
    if rows.group == "number":
        return []
    told = []
    for code in sorted(rows.names, reverse=rows.group == "binary"):
        y = rows.y[rows.x == code]
        if len(y):
            told.append({"level": rows.names[code], "rows": len(y), "mean": y.mean(), "median": np.median(y),
                         "sd": y.std(ddof=1) if len(y) > 1 else 0.0})  # fmt: skip
    return told
