"""The rows that a question means, found only where every word of it is told by the rows, their columns or their file."""

import re
from collections.abc import Sequence

from agentflow.research.tables import lexicon
from agentflow.research.tables.columns import OF_DAYS, Table, day_column, measured, named, vocabulary
from agentflow.research.tables.limits import LESS, Bound, bounds, periods
from agentflow.research.tables.values import amount
from agentflow.text.words import families, words

WORTH = {"cell": 3, "cells": 2, "column": 2, "file": 1, "": 0}  # of a word, by what tells it
BEYOND = re.compile(
    r"\b(?P<sign>below|under|less(?: \w+)? than|fewer than|above|over|more(?: \w+)? than|exceed\w*) (?!all\b|the (?:last|past|whole)\b)(?P<other>(?:(?:the|their|its|we|they|it|was|were) )*[^\W\d_]+(?: [^\W\d_]+)?)"
)
IN_TIME_WORDS = families(" ".join(lexicon.IN_TIME))


def rows_meant(table: Table, asked: str) -> tuple[list[int], int]:
    """The places of the rows with all that lower-case words name, and how much of the question that explains; none where one
    word is not explained."""
    rest, kept, told = asked, list(range(len(table.rows))), 0
    for bound, said in bounds(rest):
        column = measured(table, f"{bound.unit} {asked}")
        kept = [at for at in kept if column and beyond(table.cell(at, column), bound)]
        rest, told = rest.replace(said, f" {bound.unit} "), told + 1
    if compared := BEYOND.search(rest):
        other, than = named(table.amounts, compared["other"]), compared["sign"].startswith(LESS)
        one = named([name for name in table.amounts if name != other], rest[: compared.start()]) or counting(
            table, other
        )
        if one and other:
            kept = [at for at in kept if falls_short(table, at, *((one, other) if than else (other, one)))]
            rest, told = rest.replace(compared["sign"], " ", 1), told + 1
    column = day_column(table, rest) if families(rest) & lexicon.TIMED else named(table.days, rest)
    for period, said in [] if table.days else periods(rest):
        if of_time := [at for at in kept if period.meets(table.file_day(at))]:
            kept, rest, told = of_time, rest.replace(said, " ", 1), told + 1
    for period, said in periods(rest) if table.days else ():
        spans = [table.span(at) for at in kept] if not column else []
        held = [table.days[name] for name in ([column] if column else table.days)]
        kept = [
            at
            for place, at in enumerate(kept)
            if (period.meets(*spans[place]) if any(spans) else any(period.meets(every[at]) for every in held))
        ]
        rest, told = rest.replace(said, " ", 1), told + 1
    wanted, before = list[str](), ""
    for word in filter(families, words(rest)):
        source = explaining(table, word)
        beside = next(
            (name for name in table.words if families(before) and families(name) == families(before)), ""
        )  # `night` of `night shifts`
        if beside and not any(word in words(cell) for cell in table.column(beside)):
            source = ""
        elif source.startswith("cell"):
            wanted.append(word)
        elif not source and not understood(table, word):
            return [], 0
        spends = bool(families(word) & lexicon.SPENDING) and all(
            lexicon.SPENDING & about for about in table.about
        )  # of `expenses.csv`
        told, before = told + WORTH[source] + spends, word
    return with_all(table, wanted, kept, named(table.words, rest)), told


def explaining(table: Table, word: str) -> str:
    """What of the table tells a word: a whole `cell`, or a part of the `cells` of some rows, its `file` or heading, a `column`'s name; empty for nothing. A word
    of any question, `paid`, is told by a cell that says nothing else."""
    forms = vocabulary(word)
    if any(cell.strip().lower() == word for name in table.columns for cell in table.column(name)):
        return "cell"
    if all(forms & about for about in table.about):
        return "file"
    if forms & table.names or (word in OF_DAYS and table.days):
        return "column"
    if forms & lexicon.GENERIC:
        return ""
    return "cells" if any(forms & told for told in (*table.held, *table.about)) else ""


def understood(table: Table, word: str) -> bool:
    """Whether a word that the table does not tell says what is wanted of it: a word of any question, an adjective, a verb of
    counting, or of money where a column has that."""
    forms, measures = families(word), {part for name in table.amounts for part in words(name)}
    spends = forms & lexicon.SPENDING and measures & set(lexicon.MONEY)
    earns = forms & lexicon.EARNING and measures & set(lexicon.INCOME)
    timed = table.days and (forms & lexicon.TIMED or any(forms & verbs for verbs, _ in lexicon.EVENTS))
    stays = forms & lexicon.STAYS and {part for name in table.words for part in words(name)} & set(lexicon.PLACES)
    return bool(
        forms & (lexicon.GENERIC | lexicon.TALLIED | IN_TIME_WORDS | lexicon.COMPARED.keys())
        or spends
        or earns
        or timed
        or stays
    )


def with_all(table: Table, wanted: Sequence[str], rows: Sequence[int], column: str) -> list[int]:
    """The rows that have every word in their cells or in what stands over them; in one column, `night`, where the question names
    it and its cells have these words."""
    inside = [word for word in wanted if any(word in words(cell) for cell in table.column(column))] if column else []
    return [
        at
        for at in rows
        if all(vocabulary(word) & (table.held[at] | table.about[at]) for word in wanted)
        and all(word in words(table.cell(at, column)) for word in inside)
    ]


def counting(table: Table, other: str) -> str:
    """The column of amounts that counts, or the only one besides the other."""
    rest = [name for name in table.amounts if name != other]
    return next((name for name in rest if set(words(name)) & set(lexicon.COUNTS)), rest[0] if len(rest) == 1 else "")


def falls_short(table: Table, at: int, one: str, other: str) -> bool:
    """Whether a row has less in one column than in the other."""
    less, more = amount(table.cell(at, one)), amount(table.cell(at, other))
    return less is not None and more is not None and less.value < more.value


def beyond(cell: str, bound: Bound) -> bool:
    """Whether its amount is more or less than a number, or is that number where it may be."""
    held, limit = amount(cell), amount(bound.number)
    if held is None or limit is None or held.value == limit.value:
        return bound.equal and held is not None and limit is not None
    return held.value > limit.value if bound.sign == "more" else held.value < limit.value
