"""What is computed over the rows that a question means: each gives the answer, the rows that it was made from and their columns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from agentflow.research.tables import lexicon
from agentflow.research.tables.columns import (
    PEOPLE,
    TypedTable,
    column_called,
    day_column,
    label_column,
    measured,
    named,
    stems,
    vocabulary,
)
from agentflow.research.tables.meant import explaining
from agentflow.research.tables.request import Operation, RowRequest
from agentflow.research.tables.values import EMPTY, Amount, amount, is_label, shown
from agentflow.text.words import families, words

NAMED = 12  # rows that an answer names
GROUPS = 24
NAME = 4  # words
HALF = 0.5  # of a column's name
ONE = Amount(Decimal(1))
OFTEN = families("common often frequent frequently")
TOGETHER = families("total overall altogether")


@dataclass(frozen=True, slots=True)
class RowTask:
    """`asked` in lower case; `kept` are the places of the rows meant."""

    wanted: RowRequest
    asked: str
    table: TypedTable
    kept: list[int]


class Result(NamedTuple):
    text: str
    rows: list[int]
    columns: list[str]


def total(task: RowTask) -> Result | None:
    column = measured(task.table, task.asked)
    held = task.table.amounts_in(column, task.kept) if column else {}
    if not held:
        return None
    return by_group(task, held, column) or sum_of(column, held)


def sum_of(column: str, held: Mapping[int, Amount]) -> Result:
    return Result(f"{summed(held.values())} ({made_of('sum', column, held)})", list(held), [column])


def average(task: RowTask) -> Result | None:
    column = measured(task.table, task.asked)
    held = task.table.amounts_in(column, task.kept) if column else {}
    if not held:
        return None
    mean = sum((one.value for one in held.values()), Decimal()) / len(held)
    like = [one if mean == int(mean) else one._replace(decimals=max(2, one.decimals)) for one in held.values()]
    return Result(f"{shown(mean, like)} ({made_of('average', column, held)})", list(held), [column])


def count(task: RowTask) -> Result | None:
    """The sum of a column that counts what is asked for, `herons`, or holds it, `hours`; else how many different cells a column of
    that name has; else how many rows."""
    table, thing = task.table, next(filter(families, task.wanted.thing.split()), "")
    if families(thing) <= lexicon.GENERIC:
        thing = ""
    column = named([name for name in table.amounts if not table.numbers(name)], thing)
    if not column and (measures := table.in_unit(thing)):
        column = named(measures, task.asked) or measures[0]
    different = column_called(table, thing) if thing and not column else ""
    tallied = families(task.asked) & lexicon.TALLIED or explaining(table, thing).startswith("cell")
    if not column and not different and thing and tallied:
        only = table.amounts if len(task.kept) == len(table.amounts) == 1 else []
        column = next((name for name in table.amounts if name in only or set(words(name)) & set(lexicon.COUNTS)), "")
    if column:
        held = table.amounts_in(column, task.kept)
        return sum_of(column, held) if held else None
    if thing and not different and is_aside(table, thing):
        return None
    if groups := by_group(task, dict.fromkeys(task.kept, ONE), ""):
        return groups
    label = different or table.key
    names = list(table.grouped(task.kept, label))
    number = len(names) if different else len(task.kept)
    told = f"{number} ({', '.join(names)})" if len(names) == number <= NAMED else str(number)
    return Result(told, task.kept, [label])


def is_aside(table: TypedTable, thing: str) -> bool:
    """Whether what is counted stands in longer texts of cells alone, which are no name of a row."""
    cells = [cell for name in table.columns for cell in table.column(name) if stems(thing) & stems(cell)]
    return explaining(table, thing) == "cells" and not any(len(cell.split()) <= NAME for cell in cells)


def extreme(task: RowTask) -> Result | None:
    """The row with the most or least of a column, by its day the latest or earliest, or the name that has most of it together."""
    table, wanted = task.table, task.wanted
    label, word = label_column(table, wanted), wanted.word.split()[-1]
    sign = 1 if wanted.operation == "most" else -1
    if word in lexicon.IN_TIME and table.days and not (word in ("youngest", "oldest") and measured(table, "age")):
        column = day_column(table, task.asked)
        days = {at: day for at in task.kept if (day := table.days[column][at])}
        return best_rows(task, days, lexicon.IN_TIME[word], [label, column])
    by_name = wanted.word in ("most", "least", "fewest") or bool(families(word) & OFTEN)
    column = named(table.amounts, wanted.thing)
    if not column and (not by_name or families(task.asked) & (lexicon.SPENDING | lexicon.EARNS)):
        column = measured(table, wanted.thing or task.asked, word)
    held = table.amounts_in(column, task.kept) if column else dict.fromkeys(task.kept, ONE) if by_name else {}
    repeated = len(table.grouped(task.kept, label)) < len(task.kept)
    together = by_name or (wanted.label not in ("", "who") and families(task.asked) & TOGETHER)
    if held and together and (not column or repeated):
        return best_name(task, held, label, sign, column)
    return best_rows(task, {at: one.value for at, one in held.items()}, sign, [label, column]) if held else None


def best_rows(task: RowTask, held: Mapping[int, Any], sign: int, columns: list[str]) -> Result | None:
    """All rows with the largest or smallest value, each by its first column, with what the others hold."""
    best = (max if sign > 0 else min)(held.values(), default=None)
    rows = [at for at, value in held.items() if value == best]
    if not 0 < len(rows) <= NAMED:
        return None
    told = []
    for at in rows:
        first, *rest = [(name, cell) for name in dict.fromkeys(columns) if (cell := task.table.cell(at, name))]
        told.append(f"{first[1]} ({'; '.join(f'{name}: {cell}' for name, cell in rest)})" if rest else first[1])
    return Result("; ".join(told), rows, columns)


def best_name(task: RowTask, held: Mapping[int, Amount], label: str, sign: int, column: str) -> Result | None:
    groups = task.table.grouped(held, label)
    sums = {name: sum((held[at].value for at in rows), Decimal()) for name, rows in groups.items()}
    best = (max if sign > 0 else min)(sums.values(), default=None)
    if best is None:
        return None
    names = [name for name, value in sums.items() if value == best]
    rows = [at for name in names for at in groups[name]]
    what = f"{column}: {shown(best, [held[at] for at in rows])}" if column else f"{best} of {len(held)}"
    return Result(f"{', '.join(names)} ({what})", rows, [label, *filter(None, [column])])


def by_group(task: RowTask, held: Mapping[int, Amount], column: str) -> Result | None:
    """The sum of each group, where these are asked for."""
    label = column_called(task.table, task.wanted.per) if task.wanted.per else ""
    groups = task.table.grouped(held, label) if label else {}
    if not 0 < len(groups) <= GROUPS:
        return None
    lines = [f"- {name}: {summed(held[at] for at in rows)}" for name, rows in sorted(groups.items())]
    return Result("\n".join(["", *lines]), list(held), [label, *filter(None, [column])])


def listed(task: RowTask) -> Result | None:
    """The names of the rows with what is asked for, the rows where a name returns; nothing where these are all rows, or very many,
    or of something else than the rows."""
    table, label = task.table, task.wanted.label
    if label in ("when", "where"):
        return cell(task)
    of_rows = [
        word
        for word in label.split()
        if explaining(table, word) in ("column", "file") or families(word) <= lexicon.GENERIC
    ]
    if label != "who" and not of_rows:
        return None
    column = label_column(table, task.wanted)
    names = list(table.grouped(task.kept, column))
    if len(task.kept) == len(table.rows) or not 0 < len(task.kept) <= NAMED or not names:
        return None
    if label == "who" and not families(column) & PEOPLE and any(name[:1].islower() for name in names):
        return None  # terms of a glossary are no one
    if len(names) < len(task.kept) and column == table.key:
        return Result("\n".join(["", *(f"- {table.rows[at].told}" for at in task.kept)]), task.kept, [column])
    numbered = is_label(column) or all(amount(name) for name in names)
    if numbered and (beside := next((name for name in table.words if not is_label(name)), "")):
        names = [f"{table.cell(at, column)} ({table.cell(at, beside)})" for at in task.kept]
    return Result("; ".join(names), task.kept, [column])


def cell(task: RowTask) -> Result | None:
    """What the rows meant have in the column asked for, where all have the same; a bare number with the column's name."""
    table, label = task.table, task.wanted.label
    column = label_column(table, task.wanted) if label in ("when", "where", "who") else named_mostly(table, task.asked)
    values = {table.cell(at, column): at for at in reversed(task.kept)} if column else {}
    value = next(iter(values), "")
    if len(values) != 1 or value.lower() in EMPTY or len(task.kept) == len(table.rows):
        return None
    return Result(f"{value} ({column})" if amount(value) else value, task.kept[:1], [column])


def named_mostly(table: TypedTable, asked: str) -> str:
    """The column of whose name the question has at least half, the most of it, one that measures first; empty where two have as
    much."""
    said = {form for word in words(asked) if explaining(table, word) == "column" for form in vocabulary(word)}
    shares = {
        name: (len(vocabulary(name) & said) / len(vocabulary(name)), table.kinds[name] != "words")
        for name in table.columns
        if families(name)
    }
    best = max(shares, key=lambda name: shares[name], default="")
    alone = best and list(shares.values()).count(shares[best]) == 1
    return best if alone and shares[best][0] >= HALF else ""


def summed(every: Iterable[Amount]) -> str:
    """Of each unit by itself."""
    units: dict[str, list[Amount]] = {}
    for one in every:
        units.setdefault(one.unit, []).append(one)
    return " + ".join(shown(sum((one.value for one in held), Decimal()), held) for held in units.values())


def made_of(what: str, column: str, held: Mapping[int, Amount]) -> str:
    return column if len(held) == 1 else f"{what} of {column} in {len(held)} rows"


OPERATIONS: dict[Operation, Callable[[RowTask], Result | None]] = {
    "count": count, "sum": total, "average": average, "most": extreme, "least": extreme, "list": listed, "cell": cell,
}  # fmt: skip
