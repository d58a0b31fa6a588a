"""What each column is: its kind decides which test can be asked of it."""

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

MISSING = frozenset(("", "na", "n/a", "nan", "null", "nil", "missing", "unknown", "-", "--", ".", "?", "#n/a"))
NUMERIC = 0.95  # share of a column's cells that must be numbers
MOST_LEVELS = 20
IDENTIFIES = re.compile(
    r"(?i)(?:^|[\W_])(?:id|no|nr|number|code|key|index|uuid|row|record)$|(?:^|[a-z])(?:ID|Id)$|^unnamed|^column 1$"
)
UNITS = re.compile(
    r"(?i)patient|subject|participant|person|animal|student|user|customer|plant|plot|pupil|case|site visit"
)
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")

Kind = Literal["number", "binary", "category", "date", "identifier", "text", "constant"]


@dataclass(frozen=True, slots=True)
class Column:
    """`values`: floats with NaN for numbers and dates (days), else text with None."""

    name: str
    kind: Kind
    values: "pd.Series[Any]"
    unreadable: int = 0  # cells that are no numbers in a column of numbers

    @property
    def levels(self) -> dict[str, int]:
        counts = self.values.dropna().value_counts()
        return {
            str(level): int(counts[level]) for level in sorted(counts.index, key=lambda each: (-counts[each], each))
        }


def typed(frame: pd.DataFrame) -> dict[str, Column]:
    return {name: column(name, frame[name]) for name in frame.columns}


def column(name: str, cells: "pd.Series[Any]") -> Column:
    text = cells.where(~cells.map(lambda cell: cell is None or cell.casefold() in MISSING), None)
    known = text.dropna()
    distinct = known.nunique()
    if distinct < 2:
        return Column(name, "constant", text)
    numbers = known.map(_number)
    is_number = numbers.notna().mean() >= NUMERIC
    if is_number and numbers.nunique() > 2:
        values = numbers.reindex(text.index).astype(float)
        counts = numbers.nunique() == len(known) and bool((numbers % 1 == 0).all())
        named = bool(IDENTIFIES.search(name) or (counts and UNITS.search(name)))
        row_number = counts and bool((numbers.diff().dropna() == 1).all())
        if (named and (counts or numbers.nunique() > MOST_LEVELS)) or row_number:
            return Column(name, "identifier", text)
        return Column(name, "number", values, int(numbers.isna().sum()))
    if distinct == 2:
        return Column(name, "binary", text)
    if not is_number and (days := _days(known)) is not None:
        return Column(name, "date", days.reindex(text.index))
    if distinct <= MOST_LEVELS and distinct <= len(known) / 2 and not IDENTIFIES.search(name):
        return Column(name, "category", text)
    identifies = bool(IDENTIFIES.search(name) or UNITS.search(name)) or (
        known.str.len().max() <= 24 and distinct == len(known)
    )
    return Column(name, "identifier" if identifies else "text", text)


def described(item: Column) -> dict[str, Any]:
    """A column's profile as plain JSON: counts, and a summary of numbers or the levels."""
    known = item.values.dropna()
    told: dict[str, Any] = {
        "name": item.name, "kind": item.kind, "known": len(known), "missing": int(item.values.isna().sum()),
        "distinct": int(known.nunique()),
    }  # fmt: skip
    if item.unreadable:
        told["unreadable"] = item.unreadable
    if item.kind == "number":
        told |= {"min": rounded(known.min()), "median": rounded(known.median()), "mean": rounded(known.mean()),
                 "max": rounded(known.max()), "sd": rounded(known.std())}  # fmt: skip
    elif item.kind in ("binary", "category"):
        told["levels"] = {level[:60]: count for level, count in item.levels.items()}
    return told


def rounded(value: float) -> float | None:
    """Six significant digits: more differ between machines."""
    number = float(value)
    return float(f"{number:.6g}") if math.isfinite(number) else None


def _number(cell: str) -> float:
    cell = cell.removesuffix("%").strip()
    if GROUPED.fullmatch(cell):
        cell = cell.replace(",", "")
    elif DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    if "_" in cell:
        return math.nan
    try:
        number = float(cell)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _days(known: "pd.Series[Any]") -> "pd.Series[Any] | None":
    """Days since 1970 of ISO dates; None for what is no column of dates."""
    dates = pd.to_datetime(
        known.where(known.str.match(r"\d{4}-\d\d-\d\d")), errors="coerce", format="ISO8601", utc=True
    )
    if dates.notna().mean() < NUMERIC:
        return None
    days: pd.Series[Any] = (dates - pd.Timestamp("1970-01-01", tz="UTC")) / np.timedelta64(1, "D")
    return days
