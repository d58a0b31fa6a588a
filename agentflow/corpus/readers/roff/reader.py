"""Manual pages, in the macros of man(7) and mdoc(7): the text as a terminal shows it, each word with its line in the file."""

import re

from agentflow.corpus.blocks import Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers.roff.escapes import Escapes
from agentflow.corpus.readers.roff.lines import CONTROL, Source
from agentflow.corpus.readers.roff.man import KNOWN, Man
from agentflow.corpus.readers.roff.mdoc import Mdoc
from agentflow.corpus.readers.roff.mdoc_words import MACROS as WORDS
from agentflow.corpus.readers.roff.page import RoffPage
from agentflow.corpus.readers.roff.tbl import RoffTable

MACROS = re.compile(r"^[.'][ \t]*(TH|Dd)\b", re.MULTILINE)


def read(text: str) -> Extract:
    escapes = Escapes()
    page = RoffPage(escapes)
    kind = MACROS.search(text)
    macros = Mdoc(page) if kind and kind[1] == "Dd" else Man(page)
    table: RoffTable | None = None
    for number, line in Source(text, escapes, KNOWN | WORDS if isinstance(macros, Mdoc) else KNOWN):
        control = CONTROL.match(line)
        name, rest = (control["name"], line[control.end() :]) if control else ("", "")
        if name == "TS":
            table = RoffTable(lambda raw: inline(raw, macros, escapes))
        elif table and name == "TE":
            show(table, page)
            table = None
        elif table:
            table.line(line, number)
        elif control:
            macros.request(name, rest, number)
        else:
            page.text(line, number)
    if table:
        show(table, page)
    extract = page.flow.extract()
    extract.title, extract.date = macros.title, date_of_text(macros.date)
    return extract


def inline(raw: str, macros: Man | Mdoc, escapes: Escapes) -> str:
    """A line of a table's cell."""
    control = CONTROL.match(raw)
    if control is None:
        return escapes.shown(raw)
    man = macros.man if isinstance(macros, Mdoc) else macros
    return man.inline(control["name"], raw[control.end() :])


def show(table: RoffTable, page: RoffPage) -> None:
    """Rows, the first of which may name the columns."""
    for at, row in enumerate(row for row in table.rows if any(text.strip() for cell in row for text, _ in cell)):
        page.start("columns" if at == 0 and table.headed else "row")
        line = next(number for cell in row for text, number in cell if text.strip())
        for place, cell in enumerate(row):
            if place:
                page.flow.cell(line)
            for text, number in cell:
                page.flow.add(f" {text}", number)
                line = number
    page.start("prose")
