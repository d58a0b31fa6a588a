"""What is tested, as plain JSON: the plan stands in analysis.py, and the sandbox carries it out."""

from typing import Any, Literal, NamedTuple

from typing_extensions import TypedDict

from agentflow.text.words import words

Direction = Literal["higher", "lower", "different"]
BASELINES = frozenset(
    "0 baseline before conventional control current default false no none normal off old original placebo reference"
    " standard unchanged untreated usual without".split()
)
COUNTS = frozenset("1 yes true y positive died dead failed success passed event case cured".split())
TESTABLE = ("number", "binary", "category")
MOST_COVARIATES = 12
UNIT_REPEATS = 1.3  # rows a value, from which an identifier counts as a unit that was measured repeatedly


class Hypothesis(TypedDict):
    """`level` against `baseline` of the group (against all others where that is None; None for numbers and where all levels
    are compared); `success` is the value of the outcome that counts, None for numbers. `unit` is a column whose values repeat
    because one thing was measured repeatedly; `strata` a covariate within whose levels to look as well; `by` who found the columns."""

    id: str
    table: str
    outcome: str
    success: str | None
    group: str
    level: str | None
    baseline: str | None
    direction: Direction
    covariates: list[str]
    unit: str | None
    strata: str | None
    by: str


class Mapped(NamedTuple):
    """Which columns a sentence is about, and who found them: `words`, `model` or `you`."""

    table: str
    outcome: str
    group: str
    level: str | None
    other: str | None  # the level it is compared with, where the sentence names it
    success: str | None
    direction: Direction
    by: str


def designed(number: int, mapped: Mapped, table: dict[str, Any], left_out: list[str]) -> Hypothesis:
    """The levels to compare, the columns to adjust for and the unit, by the profile alone: no outcome is looked at."""
    columns = {item["name"]: item for item in table["columns"]}
    outcome, group = columns[mapped.outcome], columns[mapped.group]
    level, baseline = _levels(group, mapped)
    covariates = [
        item["name"] for item in table["columns"]
        if item["name"] not in (mapped.outcome, mapped.group, *left_out) and item["kind"] in (*TESTABLE, "date")
    ]  # fmt: skip
    return Hypothesis(
        id=f"H{number}", table=mapped.table, outcome=mapped.outcome, success=_success(outcome, mapped.success),
        group=mapped.group, level=level, baseline=baseline, direction=mapped.direction,
        covariates=covariates[:MOST_COVARIATES], unit=_unit(table), strata=None, by=mapped.by,
    )  # fmt: skip


def _levels(group: dict[str, Any], mapped: Mapped) -> tuple[str | None, str | None]:
    levels = list(group.get("levels", ()))
    if not levels:
        return None, None
    level, other = mapped.level, mapped.other
    if len(levels) == 2:
        level = level or next((each for each in levels if each != other and not is_baseline(each)), max(levels))
        return level, next(each for each in levels if each != level)
    if level is None:
        return None, None
    return level, other or next((each for each in levels if each != level and is_baseline(each)), None)


def _success(outcome: dict[str, Any], named: str | None) -> str | None:
    levels: list[str] = list(outcome.get("levels", ()))
    if named or len(levels) != 2:
        return named
    return next(
        (each for each in levels if each.casefold() in COUNTS),
        next((e for e in levels if not is_baseline(e)), max(levels)),
    )


def _unit(table: dict[str, Any]) -> str | None:
    """The first identifier that repeats."""
    repeated = (
        item["name"] for item in table["columns"]
        if item["kind"] == "identifier" and item["known"] >= UNIT_REPEATS * item["distinct"] and item["distinct"] > 4
    )  # fmt: skip
    return next(repeated, None)


def is_baseline(level: str) -> bool:
    return bool(BASELINES & set(words(level)))
