"""Columns and levels that a sentence names: `recovery_days` by `recover`, the level `new` of `dose` by `the new dose`."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from agentflow.experiments.plan import TESTABLE, Mapped, is_baseline
from agentflow.experiments.wording import Statement, said, with_speed
from agentflow.text.words import content_words

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|[_\W]+")
UNITS = frozenset(
    "day hour hr minut min week month year kg gram cm mm meter metre percent pct rate total mean averag number count valu"
    " level score mg ml unit degre scor tim".split()
)
UNIT_WEIGHT = 0.25
LEAST = 0.45  # of a name's words, to be meant
CLEAR = 0.12  # before the next
NAMED = 0.5  # for one of its levels
BEGINS = 3  # letters of an abbreviation


class ColumnMatch(NamedTuple):
    score: float
    level: str | None = None


def mapped_by_words(sentence: str, tables: Sequence[dict[str, Any]]) -> Mapped | None:
    """The two columns that the sentence clearly names; None where it names none, or several as well."""
    found = [mapped for table in tables if (mapped := _in_table(sentence, table))]
    found.sort(key=lambda pair: -pair[0])
    if len(found) > 1 and found[0][0] - found[1][0] < CLEAR:
        return None
    return found[0][1] if found else None


def _in_table(sentence: str, table: dict[str, Any]) -> tuple[float, Mapped] | None:
    told = said(sentence)
    columns = [item for item in table["columns"] if item["kind"] in (*TESTABLE, "date")]
    effects, causes = matches(told.effect, columns), matches(told.cause, columns)
    split = told.cause != told.effect
    if not split:  # a level that is named is the cause; of the rest the effect is the other column that is named
        leveled = {name: match for name, match in causes.items() if match.level}
        causes = leveled or causes
        counted = {item["name"] for item in columns if item["kind"] in ("number", "binary")}
        effects = {name: match for name, match in effects.items() if name in counted or not told.claims}
        effects = {name: match for name, match in effects.items() if not match.level} if leveled else effects
    group = best(causes, besides=())
    outcome = best(effects, besides=(group,) if group else ())
    if not group or not outcome:
        return None
    by_name = {item["name"]: item for item in columns}
    score = causes[group].score + effects[outcome].score
    return score, completed(told, sentence, table["name"], by_name[outcome], by_name[group], "words")


def completed(
    told: Statement, sentence: str, table: str, outcome: dict[str, Any], group: dict[str, Any], by: str, proposed: str | None = None
) -> Mapped:  # fmt: skip
    """The levels that the sentence names beside the columns, else the one that a model proposed, and the direction it tells."""
    named, other = level_of(told.cause, group), level_of(told.other, group)
    level = named if named != other else None
    if level is None and proposed is not None and proposed != other and not is_baseline(proposed):
        level = proposed
    direction = with_speed(told.direction, sentence, f"{outcome.get('about', '')} {outcome['name']}")
    return Mapped(table, outcome["name"], group["name"], level, other, level_of(told.effect, outcome), direction, by)


def matches(text: str, columns: Sequence[dict[str, Any]]) -> dict[str, ColumnMatch]:
    """How well the text names each column, by its name, its levels, or what documents tell `about` it."""
    wanted = content_words(text)
    found = {}
    for column in columns:
        name = _share(split_name(column["name"]), wanted)
        told = 0.8 * _share(content_words(column.get("about", "")), wanted, of_text=True)
        level = level_of(text, column)
        found[column["name"]] = ColumnMatch(max(name, told) + (NAMED if level else 0.0), level)
    return found


def best(found: dict[str, ColumnMatch], besides: Sequence[str]) -> str | None:
    """The column that is clearly meant."""
    ranked = sorted(((match.score, name) for name, match in found.items() if name not in besides), reverse=True)
    if not ranked or ranked[0][0] < LEAST or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEAR):
        return None
    return ranked[0][1]


def level_of(text: str, column: dict[str, Any]) -> str | None:
    """The level whose words the text holds, the longest first; one of a single letter counts as written."""
    held = content_words(text)
    for level in sorted(column.get("levels", ()), key=lambda each: -len(each)):
        parts = [part for part in split_name(level) if part]
        if len(level) == 1:
            if level.isalpha() and level.isupper() and re.search(rf"\b{re.escape(level)}\b", text):
                return str(level)
        elif parts and set(parts) <= set(held):
            return str(level)
    return None


def split_name(name: str) -> list[str]:
    """`RecoveryDays` and `recovery_days` are `recovery` and `day`."""
    return content_words(" ".join(part for part in CAMEL.split(name) if part)) or content_words(name)


def _share(parts: list[str], words: list[str], *, of_text: bool = False) -> float:
    """The share of a name's words that the text holds, units weighing little; `of_text` the other way round."""
    if of_text:
        parts, words = words, parts
    weights = [UNIT_WEIGHT if part in UNITS or len(part) < BEGINS or part.isdigit() else 1.0 for part in parts]
    held = [max((_alike(part, word) for word in words), default=0.0) for part in parts]
    whole = sum(weights)
    return sum(weight * share for weight, share in zip(weights, held, strict=True)) / whole if whole else 0.0


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= BEGINS and long.startswith(short):
        return 0.9 if len(short) >= 4 else 0.7
    common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(short))
    return 0.8 if common >= 5 else 0.0
