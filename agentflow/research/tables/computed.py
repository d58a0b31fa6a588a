"""What is counted, summed up, averaged or compared over rows: computed by the engine, never by a model, and only where every
word of the question is told by the rows, their columns or their file."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.research.question.planning import direct
from agentflow.research.tables.documents import documents_as_rows
from agentflow.research.tables.request import (
    COMPARED,
    COUNTS,
    EARNING,
    GENERIC,
    IN_TIME,
    INCOME,
    MONEY,
    SPENDING,
    TALLIED,
    Request,
    bounds,
    periods,
    request,
)  # fmt: skip
from agentflow.research.tables.table import TableRow, rows_of
from agentflow.research.tables.values import EMPTY, Amount, Kind, amount, days, kind_of, shown
from agentflow.text.fold import unaccented
from agentflow.text.opposites import denials
from agentflow.text.words import families, words

NAMED = 12  # rows that an answer names
TOTALS = {"total", "totals", "sum", "subtotal", "grand", "summe", "gesamt", "average", "mean"}
PEOPLE = families(
    "name person member payee customer supplier employee nurse staff who author observer volunteer owner player student teacher driver guest tenant"
)


@dataclass(frozen=True, slots=True)
class Computed:
    """The answer, the rows it was made from, and the columns that bear it. `told`: how many words of the question they explain.
    `is_list`: the rows themselves are asked for."""

    text: str
    rows: list[TableRow]
    columns: list[str]
    told: int
    is_list: bool


class Table:
    """Rows with the same columns, and what these hold."""

    def __init__(self, rows: Sequence[TableRow]) -> None:
        self.rows = [row for row in rows if not is_total(row)]
        self.columns = list(dict.fromkeys(name for row in self.rows for name in row.cells))
        self.kinds: dict[str, Kind] = {name: kind_of(name, self.column(name)) for name in self.columns}
        self.days = {name: days(self.column(name)) for name in self.of_kind("day")}
        self.held = [
            families(" ".join(row.cells.values())) | set(words(" ".join(row.cells.values()))) for row in self.rows
        ]
        self.about = [families(row.about) | set(words(row.about)) for row in self.rows]

    def column(self, name: str) -> list[str]:
        return [row.cells.get(name, "") for row in self.rows]

    def of_kind(self, kind: Kind) -> list[str]:
        return [name for name in self.columns if self.kinds[name] == kind]

    def day_of(self, at: int) -> str:
        """The day of a row: of its first column of days."""
        return next((every[at] for every in self.days.values() if every[at]), "")


def computed_answer(context: Context, question: str, passages: Sequence[Passage]) -> Computed | None:
    """None where the question asks for nothing of the kind, or no table among the documents of these passages, nor the documents
    of a kind as rows, explains all its words."""
    asked = direct(question)
    wanted = request(asked)
    if wanted is None or denials(asked):
        return None
    every = [*tables(context, passages), *documents_as_rows(context, asked, passages)]
    found = [
        result
        for rows in every
        if len((table := Table(rows)).rows) > 1 and (result := compute(wanted, asked, table)) is not None
    ]
    return max(found, key=lambda result: result.told, default=None)


def tables(context: Context, passages: Sequence[Passage]) -> list[list[TableRow]]:
    """The rows of the passages' documents, the best found first; what has the same columns is one table."""
    alike: dict[tuple[str, ...], list[TableRow]] = {}
    for document in dict.fromkeys(passage.document for passage in passages):
        for row in rows_of(context.corpus, document):
            alike.setdefault(tuple(name.lower() for name in row.cells), []).append(row)
    return list(alike.values())


def compute(wanted: Request, question: str, table: Table) -> Computed | None:
    """None where a word of the question is not explained, or nothing is left to compute with."""
    asked = unaccented(question.lower())
    if wanted.per and not group_column(wanted.per, table):
        wanted = wanted._replace(per="")
    kept, told = rows_meant(asked, wanted, table)
    if not kept or not told:
        return None
    operations: dict[str, Callable[..., tuple[str, list[int], list[str]] | None]] = {
        "count": count, "sum": total, "average": average, "most": extreme, "least": extreme, "list": listed,
    }  # fmt: skip
    if (found := operations[wanted.operation](wanted, asked, table, kept)) is None:
        return None
    text, used, columns = found
    return Computed(text, [table.rows[at] for at in used], columns, told, wanted.operation == "list")


def rows_meant(asked: str, wanted: Request, table: Table) -> tuple[list[int], int]:
    """The rows with all that the question names, and how many of its words that explains; none where a word is not explained."""
    rest, kept, told = asked, list(range(len(table.rows))), 0
    for bound, said in bounds(rest):
        if not (column := measured(f"{bound.unit} {asked}", table)):
            return [], 0
        limit = amount(bound.number)
        kept = [
            at
            for at in kept
            if limit and beyond(table.rows[at].cells.get(column, ""), limit, bound.sign == "more", bound.equal)
        ]
        rest, told = rest.replace(said, f" {bound.unit} "), told + 1
    if table.days:
        for period, said in periods(rest):
            kept = [
                at
                for at in kept
                if period.holds(table.day_of(at)) or any(period.holds(every[at]) for every in table.days.values())
            ]
            rest, told = rest.replace(said, " ", 1), told + 1
    columns = families(" ".join(table.columns))
    filters: list[tuple[str, str]] = []
    for word in words(rest):
        family = next(iter(families(word)), "")
        if not family:
            continue
        explained = explaining(word, family, table, columns)
        if explained == "cells":
            filters.append((word, family))
        elif not explained and family not in GENERIC and not understood(family, table):
            return [], 0
        told += {"cells": 2, "column": 2, "file": 1}.get(explained, int(word in ("month", "year") and bool(table.days)))
    return with_all(filters, table, kept), told


def explaining(word: str, family: str, table: Table, columns: set[str]) -> str:
    """What of the table tells a word: its file or heading, a column's name, the cells of some rows; empty for nothing. A word of
    any question, `paid`, is told by a cell that says nothing else."""
    if whole_cell(word, table):
        return "cells"
    if all(family in about or word in about for about in table.about):
        return "file"
    if family in columns:
        return "column"
    if family in GENERIC:
        return ""
    held = any(family in held or word in held for held in table.held)
    return "cells" if held or any(family in about for about in table.about) else ""


def understood(family: str, table: Table) -> bool:
    """Whether a word that the table does not tell says what is wanted of it: an adjective, a verb of counting, or of money where
    a column has that."""
    held = {word for name in table.of_kind("amount") for word in words(name)}
    paid = (family in SPENDING and held & set(MONEY)) or (family in EARNING and held & set(INCOME))
    return is_compared(family) or family in TALLIED or bool(paid)


def with_all(filters: Sequence[tuple[str, str]], table: Table, kept: Sequence[int]) -> list[int]:
    """The rows with every word; where no row has, those with one of the words that stand in one column."""

    def has(at: int, word: str, family: str) -> bool:
        return family in table.held[at] or word in table.held[at] or family in table.about[at]

    every = [at for at in kept if all(has(at, *one) for one in filters)]
    return every or []


def whole_cell(word: str, table: Table) -> bool:
    return any(cell.strip().lower() == word for name in table.columns for cell in table.column(name))


def is_compared(family: str) -> bool:
    return family in COMPARED or family in families(" ".join(IN_TIME))


def is_total(row: TableRow) -> bool:
    """Whether it sums up the others: its first word says so."""
    first = next((cell for cell in row.cells.values() if cell.strip()), "")
    return bool(set(words(first)[:1]) & TOTALS)


def beyond(cell: str, limit: Amount, more: bool, equal: bool) -> bool:
    held = amount(cell)
    if held is None:
        return False
    if held.value == limit.value:
        return equal
    return held.value > limit.value if more else held.value < limit.value


def measured(asked: str, table: Table, adjective: str = "") -> str:
    """The column of amounts that is meant: named, fit for the adjective, money where one spends, or the only one."""
    amounts = table.of_kind("amount")
    wanted = families(asked)
    shares = {name: len(families(name) & wanted) for name in amounts}
    best = [name for name in amounts if shares[name] == max(shares.values())] if any(shares.values()) else []
    if best:
        return best[0]
    family = next(iter(families(adjective.split()[-1])), "") if adjective else ""
    for names in (
        ([COMPARED[family]] if family in COMPARED else [])
        + ([MONEY] if wanted & SPENDING else [])
        + ([INCOME] if wanted & EARNING else [])
    ):
        for name in names:
            if fit := [column for column in amounts if name in words(column)]:
                return fit[0]
    return (
        amounts[0]
        if len(amounts) == 1
        else next((name for name in amounts if set(words(name)) & {*MONEY, *COUNTS}), "")
    )


def amounts_of(table: Table, kept: Sequence[int], column: str) -> dict[int, Amount]:
    found = {at: amount(table.rows[at].cells.get(column, "")) for at in kept}
    return {at: held for at, held in found.items() if held is not None}


def total(wanted: Request, asked: str, table: Table, kept: list[int]) -> tuple[str, list[int], list[str]] | None:
    column = measured(asked, table)
    if not column or not (held := amounts_of(table, kept, column)):
        return None
    if wanted.per:
        return by_group(wanted.per, table, held, column)
    return f"{summed(held.values())} ({made_of('sum', column, len(held))})", list(held), [column]


def average(wanted: Request, asked: str, table: Table, kept: list[int]) -> tuple[str, list[int], list[str]] | None:
    column = measured(asked, table)
    if not column or not (held := amounts_of(table, kept, column)):
        return None
    mean = sum((one.value for one in held.values()), Decimal()) / len(held)
    rounded = (
        [*held.values(), Amount(mean, next(iter(held.values())).unit, 2)] if mean != int(mean) else list(held.values())
    )
    return f"{shown(mean, rounded)} ({made_of('average', column, len(held))})", list(held), [column]


def count(wanted: Request, asked: str, table: Table, kept: list[int]) -> tuple[str, list[int], list[str]] | None:
    thing = wanted.thing.split()
    first = families(thing[0]) if thing else set()
    amounts = [name for name in table.of_kind("amount") if families(name) & first]
    named = all(first & about for about in table.about)
    if (
        first
        and not amounts
        and (families(asked) & TALLIED or (not named and any(first & held for held in table.held)))
    ):
        amounts = [name for name in table.of_kind("amount") if set(words(name)) & set(COUNTS)]
    if amounts:
        return total(wanted, amounts[0], table, kept)
    if wanted.per:
        return by_group(wanted.per, table, {at: Amount(Decimal(1)) for at in kept}, "")
    distinct = next(
        (
            name
            for name in table.columns
            if name != key_of(table) and families(name) & first and families(name) <= families(asked)
        ),
        "",
    )
    key = distinct or key_of(table)
    names = list(dict.fromkeys(table.rows[at].cells.get(key, "") for at in kept))
    number = len([name for name in names if name]) if distinct else len(kept)
    listed = f" ({', '.join(names)})" if len(names) == number <= NAMED else ""
    return f"{number}{listed}", kept, [key]


def extreme(wanted: Request, asked: str, table: Table, kept: list[int]) -> tuple[str, list[int], list[str]] | None:
    """The row with the most or least of a column, or the value of the column asked for with the most of it together."""
    label = label_column(wanted, asked, table)
    sign = 1 if wanted.operation == "most" else -1
    family = wanted.word.split()[-1]
    if family in IN_TIME and table.days and not (family in ("youngest", "oldest") and measured("age", table)):
        held = {at: table.day_of(at) for at in kept if table.day_of(at)}
        return row_told(wanted, asked, table, held, IN_TIME[family], "")
    grouped = wanted.word in ("most", "least", "fewest") or family in ("common", "often", "frequent", "frequently")
    named = [name for name in table.of_kind("amount") if families(name) & families(wanted.thing)]
    spends = families(asked) & SPENDING
    column = (
        named[0] if named else "" if grouped and not spends else measured(wanted.thing or asked, table, wanted.word)
    )
    if grouped and label and (not column or repeated(table, kept, label)):
        ones = amounts_of(table, kept, column) if column else {at: Amount(Decimal(1)) for at in kept}
        return most_of_group(table, ones, label, sign, column)
    if not column or not (held_amounts := amounts_of(table, kept, column)):
        return None
    if (
        label
        and wanted.label not in ("", "who")
        and repeated(table, kept, label)
        and families(asked) & families("total overall altogether")
    ):
        return most_of_group(table, held_amounts, label, sign, column)
    return row_told(wanted, asked, table, {at: one.value for at, one in held_amounts.items()}, sign, column)


def listed(wanted: Request, asked: str, table: Table, kept: list[int]) -> tuple[str, list[int], list[str]] | None:
    """The names of the rows with what is asked for; nothing where these are all rows, or very many."""
    columns = families(" ".join(table.columns))
    of_rows = wanted.label == "who" or explaining(
        wanted.label, next(iter(families(wanted.label)), ""), table, columns
    ) in ("column", "file")
    label = label_column(wanted, asked, table) if of_rows else ""
    names = list(dict.fromkeys(table.rows[at].cells.get(label, "") for at in kept))
    if not label or len(kept) == len(table.rows) or not 0 < len(kept) <= NAMED:
        return None
    if len(names) < len(kept) and label == key_of(table):
        return "\n".join(["", *(f"- {table.rows[at].told}" for at in kept)]), kept, [label]
    return "; ".join(filter(None, names)), kept, [label]


def row_told(
    wanted: Request, asked: str, table: Table, held: Mapping[int, Any], sign: int, column: str
) -> tuple[str, list[int], list[str]] | None:
    """The row with the largest or smallest value, all where several have it: its name, and the value."""
    if not held:
        return None
    best = max(held.values()) if sign > 0 else min(held.values())
    used = [at for at, value in held.items() if value == best]
    if len(used) > NAMED:
        return None
    label = label_column(wanted, asked, table)
    day = next(iter(table.days), "")
    names = [name for name in dict.fromkeys([label or key_of(table), column, *([day] if not column else [])]) if name]
    told = []
    for at in used:
        cells = table.rows[at].cells
        value, *rest = [
            f"{cells[name]}" if not place else f"{name}: {cells[name]}"
            for place, name in enumerate(names)
            if cells.get(name)
        ]
        told.append(f"{value} ({'; '.join(rest)})" if rest else value)
    return "; ".join(told), used, names


def most_of_group(
    table: Table, held: dict[int, Amount], label: str, sign: int, column: str
) -> tuple[str, list[int], list[str]] | None:
    groups = grouped(table, held, label)
    if not groups:
        return None
    sums = {name: sum((held[at].value for at in rows), Decimal()) for name, rows in groups.items()}
    best = max(sums.values()) if sign > 0 else min(sums.values())
    names = [name for name, value in sums.items() if value == best]
    used = [at for name in names for at in groups[name]]
    what = f"{column}: {shown(best, [held[at] for at in used])}" if column else f"{best} of {len(held)}"
    return f"{', '.join(names)} ({what})", used, [label, *filter(None, [column])]


def by_group(per: str, table: Table, held: dict[int, Amount], column: str) -> tuple[str, list[int], list[str]] | None:
    label = group_column(per, table)
    groups = grouped(table, held, label) if label else {}
    if not 0 < len(groups) <= NAMED * 2:
        return None
    lines = [f"- {name}: {summed(held[at] for at in rows)}" for name, rows in sorted(groups.items())]
    return "\n".join(["", *lines]), list(held), [label, *filter(None, [column])]


def group_column(per: str, table: Table) -> str:
    """The column of that name; `month` and `year` of a table with days."""
    named = next((name for name in table.columns if families(per) and families(per) <= families(name)), "")
    return named or (per if per in ("month", "year") and table.days else "")


def grouped(table: Table, held: Iterable[int], label: str) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for at in held:
        day = table.day_of(at)
        name = {"month": day[:7], "year": day[:4]}.get(label) or table.rows[at].cells.get(label, "")
        if name.strip().lower() not in EMPTY:
            groups.setdefault(name.strip(), []).append(at)
    return groups


def label_column(wanted: Request, asked: str, table: Table) -> str:
    """The column whose value names what is asked for: by its own name, a person, a day, else what tells the rows apart."""
    if wanted.label == "when":
        return next(iter(table.days), "")
    if wanted.label == "who":
        return next((name for name in table.of_kind("words") if families(name) & PEOPLE), "") or key_of(table)
    if wanted.label in ("month", "year") and wanted.label not in map(str.lower, table.columns):
        return wanted.label if table.days else ""
    named = [name for name in table.columns if families(wanted.label) and families(wanted.label) <= families(name)]
    if not named and wanted.label:
        named = [name for name in table.of_kind("words") if families(name) & families(wanted.label)]
    return named[0] if named else key_of(table)


def key_of(table: Table) -> str:
    """The first column of words, of those whose cells differ most."""
    text = table.of_kind("words") or table.columns
    sizes = Counter({name: len(set(table.column(name))) for name in text})
    apart = [name for name in text if sizes[name] > 0.8 * len(table.rows)]
    return (apart or text)[0]


def repeated(table: Table, kept: Sequence[int], label: str) -> bool:
    values = [table.rows[at].cells.get(label, "") for at in kept]
    return label in ("month", "year") or len(set(values)) < len(values)


def summed(every: Iterable[Amount]) -> str:
    """Of each unit by itself."""
    units: dict[str, list[Amount]] = {}
    for one in every:
        units.setdefault(one.unit, []).append(one)
    return " + ".join(shown(sum((one.value for one in held), Decimal()), held) for held in units.values())


def made_of(what: str, column: str, number: int) -> str:
    return f"{column}" if number == 1 else f"{what} of {column} in {number} rows"
