"""The rows that a question means, found only where every word of it is told by the rows, their columns or their file."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from agentflow.research.tables import lexicon
from agentflow.research.tables.columns import OF_DAYS, TypedTable, called, measured, named, of_event, stems, vocabulary
from agentflow.research.tables.limits import LESS, Bound, bounds, periods
from agentflow.research.tables.values import amount
from agentflow.text.opposites import denials
from agentflow.text.words import families, words

WORTH = {"cell": 3, "cells": 2, "column": 2, "file": 1, "days": 0, "": 0}  # of a word, by what tells it
BEYOND = re.compile(
    r"\b(?P<sign>below|under|less(?: \w+)? than|fewer than|above|over|more(?: \w+)? than|exceed\w*) (?!all\b|the (?:last|past|whole)\b)"
    r"(?P<other>(?:(?:the|their|its|we|they|it|was|were) )*[^\W\d_]+(?: [^\W\d_]+)?)"
)
ALIKE, LONG = 0.9, 7
DENIED = re.compile(
    r"\b(?:(?:have|has|had|is|are|was|were|did|do|does)(?:n['’]?t| not)|not|never)(?: (?:yet|been|be|already|got))* (?P<said>[^\W\d_]+)"
    r"|\bun(?P<other>[^\W\d_]{3,})"
)
IN_TIME = families(" ".join(lexicon.IN_TIME))


@dataclass(slots=True)
class Selection:
    """The places of the rows still meant, what of the question, in lower case, is not yet understood, and how much is told by the
    table."""

    table: TypedTable
    rest: str
    kept: list[int]
    told: int = 0

    def narrow(self, kept: list[int], said: str, instead: str = " ") -> None:
        """To these rows, by words that are understood with it."""
        self.kept, self.rest, self.told = kept, self.rest.replace(said, instead, 1), self.told + 1


def rows_meant(table: TypedTable, asked: str) -> tuple[list[int], int]:
    """The places of the rows with all that lower-case words name, and how much of the question that explains; none where one
    word is not explained."""
    chosen = Selection(table, asked, list(range(len(table.rows))))
    by_denial(chosen)
    if denials(chosen.rest):
        return [], 0
    by_number(chosen)
    by_columns(chosen)
    by_day(chosen)
    return (chosen.kept, chosen.told) if by_words(chosen) else ([], 0)


def by_denial(chosen: Selection) -> None:
    """`not paid` or `unpaid`: the rows with anything else in the column where some have that."""
    if not (found := DENIED.search(chosen.rest)):
        return
    table, word = chosen.table, found["said"] or found["other"]
    held = [name for name in table.columns if word in {cell.strip().lower() for cell in table.column(name)}]
    if len(held) == 1:
        chosen.narrow([at for at in chosen.kept if table.cell(at, held[0]).lower() != word], found.group())
        chosen.told += WORTH["cell"]


def by_number(chosen: Selection) -> None:
    """`more than 500`: of the column that is measured."""
    for bound, said in bounds(chosen.rest):
        column = measured(chosen.table, f"{bound.unit} {chosen.rest}")
        kept = [at for at in chosen.kept if column and beyond(chosen.table.cell(at, column), bound)]
        chosen.narrow(kept, said, f" {bound.unit} ")


def by_columns(chosen: Selection) -> None:
    """`below the reorder level`: one column against another."""
    table = chosen.table
    if not (found := BEYOND.search(chosen.rest)) or not (other := named(table.amounts, found["other"])):
        return
    rest = [name for name in table.amounts if name != other]
    counts = [name for name in rest if set(words(name)) & set(lexicon.COUNTS)]
    column = named(rest, chosen.rest[: found.start()]) or next(iter(counts if counts or len(rest) > 1 else rest), "")
    if column:
        less, more = (column, other) if found["sign"].startswith(LESS) else (other, column)
        chosen.narrow([at for at in chosen.kept if falls_short(table, at, less, more)], found["sign"])


def by_day(chosen: Selection) -> None:
    """`in March 2024`: by the column of days that the question means, by first and last day, by any day; without such columns by
    the day in the file's name."""
    table = chosen.table
    if not (asked := periods(chosen.rest)):
        return
    meant = named(table.days, chosen.rest) or of_event(table, chosen.rest)
    held = [table.days[name] for name in ([meant] if meant else table.days)]
    for period, said in asked:
        if said in table.names:  # `2024` of a column `fee 2024`
            continue
        if not table.days:
            if of_time := [at for at in chosen.kept if period.meets(table.file_day(at))]:
                chosen.narrow(of_time, said)
            continue
        spans = {at: span for at in chosen.kept if (span := table.span(at))} if not meant else {}
        kept = [
            at
            for at in chosen.kept
            if (period.meets(*spans[at]) if at in spans else any(period.meets(every[at]) for every in held))
        ]
        chosen.narrow(kept, said)


def by_words(chosen: Selection) -> bool:
    """Whether each other word is explained; the rows are those with all that stand in cells or over the rows, and in one column,
    `night`, those that its cells have where the question names it."""
    table, wanted, before = chosen.table, list[str](), ""
    spending = all(lexicon.SPENDING & about for about in table.about)  # of `expenses.csv`
    for word in filter(families, words(chosen.rest)):
        source = explaining(table, word)
        if source in ("", "cells") and is_of_column(table, before, word):
            source = ""
        elif source.startswith("cell"):
            wanted.append(word)
        elif not source and not understood(table, word):
            return False
        chosen.told += WORTH[source] + (spending and bool(families(word) & lexicon.SPENDING))
        before = word
    column = named(table.words, chosen.rest)
    inside = [word for word in wanted if column and any(word in words(cell) for cell in table.column(column))]
    chosen.kept = [
        at
        for at in chosen.kept
        if all(stems(word) & (table.held[at] | table.about[at]) for word in wanted)
        and all(word in words(table.cell(at, column)) for word in inside)
    ]
    return True


def is_of_column(table: TypedTable, before: str, word: str) -> bool:
    """Whether a word goes on with the name of a column, `shifts` of `night shifts`, and is in none of its cells."""
    columns = [name for name in table.columns if families(before) and families(name) == families(before)]
    columns = [name for name in columns if table.kinds[name] == "words"]
    return bool(columns) and not any(word in words(cell) for cell in table.column(columns[0]))


def explaining(table: TypedTable, word: str) -> str:
    """What of the table tells a word: a whole `cell`, or a part of the `cells` of some rows, its `file` or heading, a `column`'s
    name, that it has `days`, which says nothing of what it is about; empty for nothing. A word of any question, `paid`, is told
    by a cell that says nothing else."""
    forms = vocabulary(word)
    if word in table.whole:
        return "cell"
    if all(forms & about for about in table.about):
        return "file"
    if forms & table.names or (families(word) & lexicon.EARNS and called(table.amounts, lexicon.INCOME)):
        return "column"
    if word in OF_DAYS and table.days:
        return "days"
    if forms & lexicon.GENERIC:
        return ""
    return "cells" if stems(word) & table.said else ""


def understood(table: TypedTable, word: str) -> bool:
    """Whether a word that the table does not tell says what is wanted of it: a word of any question, an adjective, a verb of
    counting, or one of money, time or place where a column has that."""
    forms = families(word)
    if forms & (lexicon.GENERIC | lexicon.TALLIED | IN_TIME | lexicon.COMPARED.keys()):
        return True
    return bool(
        (len(word) >= LONG and get_close_matches(word, lexicon.OF_ANY, 1, ALIKE))  # a slip of the keys
        or (forms & lexicon.SPENDING and called(table.amounts, lexicon.MONEY))
        or (forms & lexicon.EARNING and called(table.amounts, lexicon.INCOME))
        or (forms & lexicon.TIMED and table.days)
        or any(forms & verbs and called(table.columns, names) for verbs, names in lexicon.EVENTS)
        or (forms & lexicon.STAYS and called(table.words, lexicon.PLACES))
    )


def falls_short(table: TypedTable, at: int, one: str, other: str) -> bool:
    """Whether a row has less in one column than in the other."""
    less, more = amount(table.cell(at, one)), amount(table.cell(at, other))
    return less is not None and more is not None and less.value < more.value


def beyond(cell: str, bound: Bound) -> bool:
    """Whether its amount is more or less than a number, or is that number where it may be."""
    held, limit = amount(cell), amount(bound.number)
    if held is None or limit is None or held.value == limit.value:
        return bound.equal and held is not None and limit is not None
    return held.value > limit.value if bound.sign == "more" else held.value < limit.value
