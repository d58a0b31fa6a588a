"""Tables of roff (tbl): each row with its cells, whether it names the columns, and the line of each cell."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

Cell = list[tuple[str, int]]
RULE = re.compile(r"\s*[_=\s]*$")
LETTERS = re.compile(r"[a-zA-Z]")


@dataclass(slots=True)
class RoffTable:
    """`inline` shows what a line within a cell says."""

    inline: Callable[[str], str]
    separator: str = "\t"
    rows: list[list[Cell]] = field(default_factory=list)
    headed: bool = False
    formats: int | None = 0  # lines of format so far, None once they have ended
    block: bool = False
    bold: bool = False

    def line(self, raw: str, number: int) -> None:
        if self.formats is not None:
            self.format(raw)
        elif self.block and raw.startswith("T}"):
            self.block = False
            self.cells(raw[2:], number)
        elif self.block or raw.startswith((".", "'")):
            if raw.startswith(".T&"):
                self.formats = 1
            elif raw.startswith((".TH", ".TS")):
                self.headed = self.headed or len(self.rows) == 1
            elif self.rows:
                self.rows[-1][-1].append((self.inline(raw), number))
        elif RULE.match(raw) and "\t" not in raw:
            self.headed = self.headed or (len(self.rows) == 1 and bool(raw.strip()))
        else:
            self.rows.append([])
            self.cells(self.separator + raw, number)

    def format(self, raw: str) -> None:
        """Options end with a semicolon, the formats with a full stop."""
        said = raw.rstrip()
        if said.endswith(";") and self.formats == 0:
            if given := re.search(r"tab\s*\((.)\)", said):
                self.separator = given[1]
            return
        if self.formats == 0:
            self.bold = bool(re.search(r"(?i)[lcr]\s*(?:f?b\b|f\(?b)|[lcr]b", said))
        self.headed = self.headed or (self.formats == 1 and self.bold and not self.rows)
        self.formats = None if said.endswith(".") else (self.formats or 0) + 1

    def cells(self, raw: str, number: int) -> None:
        """Goes on in the last row: what stands before the first separator belongs to the cell that was open."""
        first, *more = raw.split(self.separator)
        if first.strip() and self.rows and self.rows[-1]:
            self.rows[-1][-1].append((self.inline(first), number))
        for cell in more:
            if cell.startswith("T{"):
                self.block = True
                self.rows[-1].append([])
            else:
                self.rows[-1].append([] if cell.strip() in ("_", "=", "\\_", "\\^") else [(self.inline(cell), number)])
