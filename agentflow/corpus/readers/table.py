"""CSV and TSV: each record is one row, quoted line breaks included; the first whole record names the columns."""

import re
from collections import Counter
from collections.abc import Iterator

from agentflow.corpus.blocks import Block, BlockKind, Extract

SEPARATORS = ",;\t|"
SAMPLE = 100  # lines that tell the separator and the number of columns
LONGEST = 20_000  # characters of a quoted cell; a quote mark that stays open longer is none
NUMBER = re.compile(r"[-+]?[\d.,'\s]*\d[\d.,'\s]*%?")
YEAR = re.compile(r"1[5-9]\d\d|20\d\d")


def read(text: str) -> Extract:
    separator = _separator(text)
    sizes = Counter(len(cells) for _, _, cells in _sample(text, separator))
    width = sizes.most_common(1)[0][0] if sizes else 1
    extract = Extract(text)
    named = False
    for start, end, cells in _records(text, separator, width):
        row = text[start:end]
        if not row.strip() or row.startswith("sep="):
            continue
        names = not named and len(cells) == width > 1
        kind: BlockKind = "columns" if names and names_columns(cells) else "row"
        named = named or names
        begin = start + len(row) - len(row.lstrip())
        extract.blocks.append(Block(kind, begin, start + len(row.rstrip())))
    return extract


def _separator(text: str) -> str:
    """The one that parts most lines alike; Excel's own `sep=;` line decides."""
    head = text[:50_000]
    if named := re.match(r"sep=([,;\t|])", head):
        return named[1]

    def agreement(separator: str) -> tuple[int, int]:
        sizes = Counter(size for _, _, cells in _sample(head, separator) if (size := len(cells)) > 1)
        size, lines = sizes.most_common(1)[0] if sizes else (1, 0)
        return lines, size

    return max(SEPARATORS, key=agreement)


def _sample(text: str, separator: str) -> Iterator[tuple[int, int, list[str]]]:
    """The first lines, each taken for a record of its own."""
    for number, (start, end, cells) in enumerate(_records(text, separator, 0)):
        if number >= SAMPLE:
            return
        if end > start:
            yield start, end, cells


def _records(text: str, separator: str, width: int) -> Iterator[tuple[int, int, list[str]]]:
    """(start, end, cells) of each record. A quote mark opens a cell only at the cell's start, and only if it is closed
    before a separator or a line end; over line ends it must also leave a record of `width` cells."""
    cell = re.compile(
        rf'[ ]*"((?:[^"]|""){{0,{LONGEST}}})"[ ]*(?=[{re.escape(separator)}\n]|\Z)|([^{re.escape(separator)}\n]*)'
    )
    at = 0
    while at < len(text):
        end, cells = _record(text, at, cell)
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        if end > line_end and len(cells) != width:
            end, cells = line_end, text[at:line_end].split(separator)
        yield at, end, cells
        at = end + 1


def _record(text: str, at: int, cell: re.Pattern[str]) -> tuple[int, list[str]]:
    cells: list[str] = []
    while True:
        match = cell.match(text, at)
        assert match is not None
        cells.append(match[1].replace('""', '"') if match[1] is not None else match[2])
        at = match.end()
        if at >= len(text) or text[at] == "\n":
            return at, cells
        at += 1


def names_columns(cells: list[str]) -> bool:
    """Names are no numbers, but for years beside a name."""
    numbers = [cell.strip() for cell in cells if NUMBER.fullmatch(cell.strip())]
    return (
        len(numbers) < len(cells) and all(YEAR.fullmatch(number) for number in numbers) and any(map(str.strip, cells))
    )
