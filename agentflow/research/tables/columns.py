"""The columns of a table: what their cells hold, and which of them a question means."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from agentflow.research.tables import lexicon
from agentflow.research.tables.request import RowRequest
from agentflow.research.tables.table import TableRow
from agentflow.research.tables.values import EMPTY, Amount, Kind, amount, days, is_label, kind_of
from agentflow.text.plurals import singular
from agentflow.text.words import content_words, families, words

APART = 0.8  # of the cells of a column that tells the rows apart, which differ
SUMS = {"total", "totals", "sum", "subtotal", "grand", "summe", "gesamt", "average", "mean"}
PEOPLE = families(
    "name person member payee customer supplier employee nurse staff who author observer volunteer owner player student teacher"
    " driver guest tenant traveller colleague"
)
IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])(?:[-_.]?([0-3]\d))?(?!\d)")
OWNED = re.compile(r"['’]s?(?=[\s.,;]|$)")
LISTED = re.compile(r"\s*[;/\n]\s*|,\s+")  # between the names of one cell
NAME = 3  # words
LONG = 3  # digits of a number that names a row
OF_DAYS = {"month": 7, "year": 4}  # letters of a day that tell it


class TypedTable:
    """Rows with the same columns, without those that sum the others up; `at` counts them from 0. What the cells hold is looked at
    only where a question may be one for the table."""

    def __init__(self, rows: Sequence[TableRow]) -> None:
        self.rows = [row for row in rows if not sums_up(row)]
        self.columns = list(dict.fromkeys(name for row in self.rows for name in row.cells))
        self.units = {
            name: families(lexicon.UNITS.get(words(name)[-1] if words(name) else "", "")) for name in self.columns
        }
        self.names = vocabulary(" ".join(self.columns)).union(*self.units.values())
        self.whole = {cell.strip().lower() for row in self.rows for cell in row.cells.values()}
        about = [row.about for row in self.rows]
        told = {text: vocabulary(text) for text in set(about)}
        self.about = [told[text] for text in about]

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        return {name: kind_of(name, self.column(name)) for name in self.columns}

    @cached_property
    def amounts(self) -> list[str]:
        return [name for name in self.of_kind("amount") if not self.identifies(name)]

    @cached_property
    def words(self) -> list[str]:
        return self.of_kind("words")

    @cached_property
    def days(self) -> dict[str, list[str]]:
        return {name: days(self.column(name)) for name in self.of_kind("day")}

    @cached_property
    def held(self) -> list[set[str]]:
        """What each row says."""
        return [stems(" ; ".join(row.cells.values())) for row in self.rows]

    @cached_property
    def said(self) -> set[str]:
        """What any of them says, by its cells or where it stands."""
        return stems(" ; ".join(self.whole)).union(*self.about)

    def of_kind(self, kind: Kind) -> list[str]:
        return [name for name in self.columns if self.kinds[name] == kind]

    def column(self, name: str) -> list[str]:
        return [row.cells.get(name, "") for row in self.rows]

    def cell(self, at: int, column: str) -> str:
        """Empty for none; of `month` and `year` that of the row's day."""
        if column in OF_DAYS and column not in self.columns:
            return self.day(at)[: OF_DAYS[column]]
        return self.rows[at].cells.get(column, "").strip()

    def in_unit(self, thing: str) -> list[str]:
        """The columns of amounts in a unit, `Weight (t)` for `tonnes`."""
        return [name for name in self.amounts if families(thing) & self.units[name]]

    def day(self, at: int) -> str:
        """Of the first of its cells with a day, as ISO 8601."""
        return next((every[at] for every in self.days.values() if every[at]), "")

    def numbers(self, column: str) -> bool:
        """Whether a column holds the numbers that the rows are called by, `PEP: 407` of PEP 407."""
        return all(set(words(self.cell(at, column))) & self.about[at] for at in range(len(self.rows)))

    def identifies(self, column: str) -> bool:
        """Whether its numbers are those of the rows, `Invoice` 1001, 1003: the first column, named by one thing, whole numbers as
        long as each other and each another."""
        cells = [cell.strip() for cell in self.column(column)]
        plural = singular(column) != column or column.lower() in lexicon.COUNTS
        return (
            column == self.columns[0]
            and len(self.columns) > 1
            and len(cells) > 1
            and not plural
            and all(cell.isdecimal() and len(cell) == len(cells[0]) >= LONG for cell in cells)
            and len(set(cells)) == len(cells)
        )

    def file_day(self, at: int) -> str:
        """The day or month that the path of its document tells, as ISO 8601."""
        found = IN_PATH.search(self.rows[at].passage.path)
        return "-".join(filter(None, found.groups())) if found else ""

    def span(self, at: int) -> tuple[str, str] | tuple[()]:
        """The first and the last day of a row, in a table with columns for both; `until` alone may be empty."""
        first, last = called(self.days, lexicon.STARTS), called(self.days, ("until", "to", "end", "ends"))
        return (self.days[first][at], self.days[last][at]) if first and last else ()

    def amounts_in(self, column: str, rows: Iterable[int]) -> dict[int, Amount]:
        found = {at: amount(self.cell(at, column)) for at in rows}
        return {at: held for at, held in found.items() if held is not None}

    def grouped(self, rows: Iterable[int], column: str) -> dict[str, list[int]]:
        """The rows by what they have in a column, each of several names there by itself; those that have nothing there are in no
        group."""
        groups: dict[str, list[int]] = {}
        for at in rows:
            for name in self.entries(at, column):
                groups.setdefault(name, []).append(at)
        return groups

    def entries(self, at: int, column: str) -> list[str]:
        """`Ana` and `Ben` of a cell `Ana; Ben`."""
        cell = self.cell(at, column)
        parts = LISTED.split(cell) if self.kinds.get(column) == "words" else [cell]
        alone = all(len(part.split()) <= NAME for part in parts)
        return [name for part in (parts if alone else [cell]) if (name := part.strip()).lower() not in EMPTY]

    @property
    def key(self) -> str:
        """The column that tells the rows apart: the first of words whose cells mostly differ, else the first of words."""
        text = sorted(self.words or self.columns, key=is_label)
        apart = [name for name in text if len(set(self.column(name))) > APART * len(self.rows)]
        return (apart or text)[0]


def stems(text: str) -> set[str]:
    """Its words and their stems; owners as who they are, `knives` as `knif` too."""
    said = words(OWNED.sub("", text))
    return {*said, *content_words(" ".join(said)), *(f"{word[:-3]}f" for word in said if word.endswith("ves"))}


def vocabulary(text: str) -> set[str]:
    """The same, and what the words begin with."""
    return stems(text) | families(OWNED.sub("", text))


def sums_up(row: TableRow) -> bool:
    """Whether its first word says that it is made of the others."""
    first = next((cell for cell in row.cells.values() if cell.strip()), "")
    return bool(set(words(first)[:1]) & SUMS)


def named(columns: Iterable[str], said: str) -> str:
    """The first of the columns that share most words with what is said; empty where none shares any."""
    wanted = families(said)
    shares = {name: len(families(name) & wanted) for name in columns}
    best = max(shares, key=lambda name: (shares[name], "actual" in name.lower()), default="")
    return best if best and shares[best] else ""


def column_called(table: TypedTable, name: str) -> str:
    """The column with this name, or with it as a part of its own; `month` and `year` of a table with days."""
    called = families(name)
    found = next((column for column in table.columns if called and called <= families(column)), "")
    return found or (name if name in OF_DAYS and table.days else "")


def measured(table: TypedTable, asked: str, adjective: str = "") -> str:
    """The column of amounts that is meant: by its name, fit for the adjective, of money where one spends or earns, the only one,
    or what such columns are mostly called."""
    if found := named(table.amounts, asked):
        return found
    family, wanted = next(iter(families(adjective)), ""), families(asked)
    fitting = [
        lexicon.COMPARED.get(family, []),
        lexicon.MONEY if wanted & lexicon.SPENDING else [],
        lexicon.INCOME if wanted & lexicon.EARNING else [],
    ]
    for name in [name for names in fitting for name in names]:
        if found := called(table.amounts, (name,)):
            return found
    if len(table.amounts) == 1:
        return table.amounts[0]
    return called(table.amounts, (*lexicon.MONEY, *lexicon.COUNTS))


def day_column(table: TypedTable, asked: str) -> str:
    """The column of days that is meant: by its name, by the verb, else the first; empty for none."""
    return named(table.days, asked) or of_event(table, asked) or next(iter(table.days), "")


def of_event(table: TypedTable, asked: str) -> str:
    """The column of days that tells when what is asked for, `expires`, happens; empty for none."""
    said = families(asked)
    found = (called(table.days, names) for verbs, names in lexicon.EVENTS if said & verbs)
    return next(filter(None, found), "")


def called(columns: Iterable[str], names: Sequence[str]) -> str:
    """The first column with one of these words in its name; empty for none."""
    return next((column for column in columns if set(words(column)) & set(names)), "")


def label_column(table: TypedTable, wanted: RowRequest) -> str:
    """The column whose cells name what is asked for: a day, a person, what is called so, else what tells the rows apart."""
    if wanted.label == "when":
        return day_column(table, wanted.thing)
    if wanted.label == "where":
        return called(table.words, lexicon.PLACES)
    if wanted.label == "who":
        people = (name for name in table.words if families(name) & PEOPLE)
        return next(people, "") or named(table.words, wanted.thing) or table.key
    for name in (wanted.label, *reversed(wanted.label.split())):  # `items` of `budget items`
        if name and (found := column_called(table, name) or named(table.words, name)):
            return found
    return table.key
