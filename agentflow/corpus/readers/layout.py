"""The reading order of a page: columns of prose one after the other, tables row by row."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from agentflow.corpus.readers.glyphs import Piece
from agentflow.corpus.readers.lines import ITEM

NEAR = 2.4  # of the type's size: lines farther apart belong to different parts of the page
GUTTER = 0.6  # of the type's size, at the least
CLEAR = 1.5  # of the type's size, where only two rows show the gutter
WORDS = 3.4  # in a line of a column of prose, at the least
FULL = 0.55  # of the column's width that its lines take
DEEPEST = 8


@dataclass(slots=True)
class Line:
    """A line of prose, or a row of a table with the text of each cell. Places as in Piece."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    cells: int = 1
    first: bool = False  # the first row of a table
    right: float = 0.0  # where the column it stands in ends


Row = list[Piece]
Gaps = list[tuple[float, float]]


def lines(pieces: list[Piece], depth: int = 0) -> Iterator[Line]:
    """In reading order."""
    if not pieces:
        return
    left, right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    for band, gutters in _bands(_rows(pieces), left, right):
        columns = _columns(band, gutters)
        if len(columns) == 1:
            for row in band:
                yield _prose(row, right)
        elif depth < DEEPEST and _are_prose(columns):
            for column in columns:
                yield from lines([piece for row in column for piece in row], depth + 1)
        else:
            inside = [number for number, row in enumerate(band) if len(row) > 1]
            yield from (_prose(row, right) for row in band[: inside[0]])
            yield from _table(band[inside[0] :], gutters, right)


def _rows(pieces: list[Piece]) -> list[Row]:
    """Pieces on one baseline, or an index beside its line, from left to right; the rows from top to bottom."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: (piece.y, piece.x0)):
        near = next((row for row in rows[-3:] if _beside(row, piece)), None)
        if near is None:
            rows.append([piece])
        else:
            near.append(piece)
    for row in rows:
        row.sort(key=lambda piece: piece.x0)
    return [_marker_joined(row) for row in rows]


def _beside(row: Row, piece: Piece) -> bool:
    near = max(row, key=lambda other: other.size)
    return abs(near.y - piece.y) < 0.4 * max(near.size, piece.size)


def _marker_joined(row: Row) -> Row:
    """A bullet or number and what it marks are one piece, however far apart."""
    if len(row) != 2 or len(row[0].text) > 6 or row[1].x0 - row[0].x1 > 4 * row[1].size:
        return row
    first, second = row
    if ITEM.match(f"{first.text} x") is None and not _section(first.text):
        return row
    text = f"{first.text} {second.text}"
    return [Piece(text, first.x0, second.x1, second.y, second.size, second.bold, first.unmapped + second.unmapped)]


def _section(text: str) -> bool:
    """A number such as `3` or `2.1` before a heading."""
    return all(part.isdigit() and len(part) < 3 for part in text.rstrip(".").split("."))


def _bands(rows: list[Row], left: float, right: float) -> Iterator[tuple[list[Row], Gaps]]:
    """Runs of rows that leave the same gutters free, and single-column runs between them."""
    at = 0
    single: list[Row] = []
    while at < len(rows):
        after, gutters = _shared(rows, at, left, right)
        if gutters and (len(rows[at]) > 1 or _are_prose(_columns(rows[at:after], gutters))):
            if single:
                yield single, []
                single = []
            yield rows[at:after], gutters
            at = after
        else:
            single.append(rows[at])
            at += 1
    if single:
        yield single, []


def _shared(rows: list[Row], at: int, left: float, right: float) -> tuple[int, Gaps]:
    """How far from row `at` the same gutters stay free, and these; none unless two rows have text on both sides."""
    if len(rows[at]) < 2 and not _starts_column(rows, at):
        return at, []
    free: Gaps = [(left - 1, right + 1)]
    gutters: Gaps = []
    after, both = at, 0
    x0, x1 = right, left
    for number in range(at, len(rows)):
        row = rows[number]
        if number > at and _apart(rows[number - 1], row):
            break
        narrowed = _without(free, row)
        x0, x1 = min(x0, row[0].x0), max(x1, max(piece.x1 for piece in row))
        inner = [gap for gap in narrowed if gap[1] - gap[0] >= GUTTER * row[0].size and gap[0] >= x0 and gap[1] <= x1]
        crossed = len(row) < 2 and len(inner) < len(gutters)
        if not inner and (both or len(row) > 1):
            break
        if crossed and (both > 2 or row[0].y - rows[number - 1][0].y > 1.6 * row[0].size):
            break
        free, gutters, after, both = narrowed, inner, number + 1, both + (len(row) > 1)
    clear = both > 2 or len(gutters) > 1 or any(gap[1] - gap[0] >= CLEAR * rows[at][0].size for gap in gutters)
    return (after, gutters) if both >= 2 and gutters and clear else (at, [])


def _apart(above: Row, row: Row) -> bool:
    """Rows of text on both sides may stand farther apart: of a table, or of columns with a gap in both."""
    far = NEAR * max(above[0].size, row[0].size)
    return row[0].y - above[0].y > (far if len(row) < 2 else 3 * far)


def _starts_column(rows: list[Row], at: int) -> bool:
    """A row of one piece may open a band: the other column begins a little lower."""
    below = rows[at + 1 : at + 3]
    return any(len(row) > 1 for row in below) and all(
        row[0].y - rows[at][0].y < NEAR * max(row[0].size, rows[at][0].size) * (number + 1)
        for number, row in enumerate(below)
    )


def _without(free: Gaps, row: Row) -> Gaps:
    for piece in row:
        free = [
            part
            for x0, x1 in free
            for part in ((x0, min(x1, piece.x0)), (max(x0, piece.x1), x1))
            if part[1] - part[0] > 0
        ]
    return free


def _columns(band: list[Row], gutters: Gaps) -> list[list[Row]]:
    """The band's rows cut at the gutters."""
    columns: list[list[Row]] = [[] for _ in range(len(gutters) + 1)]
    for row in band:
        for column, part in zip(columns, _cells(row, gutters), strict=True):
            if part:
                column.append(part)
    return [column for column in columns if column]


def _are_prose(columns: list[list[Row]]) -> bool:
    """Whether the columns hold running text: long lines that fill the column."""
    good = 0
    for column in columns:
        texts = [" ".join(piece.text for piece in row) for row in column]
        x0, x1 = min(row[0].x0 for row in column), max(row[-1].x1 for row in column)
        words = sum(len(text.split()) if " " in text else len(text) / 4 for text in texts) / len(texts)
        full = median((row[-1].x1 - row[0].x0) / max(x1 - x0, 1) for row in column)
        good += words >= WORDS and full >= FULL and len(column) > 2
    return good >= max(2, 0.6 * len(columns))


def _prose(row: Row, right: float) -> Line:
    size = max(piece.size for piece in row)
    bold = sum(len(piece.text) for piece in row if piece.bold) > 0.5 * sum(len(piece.text) for piece in row)
    base = next(piece.y for piece in row if piece.size == size)
    return Line(_joined(row), row[0].x0, row[-1].x1, base, size, bold, right=right)


def _joined(row: Row) -> str:
    """Right-to-left text is read from the right."""
    texts = [piece.text for piece in row]
    strong = sum(0x590 <= ord(mark) < 0x900 for text in texts for mark in text)
    return " ".join(reversed(texts) if strong > 0.5 * sum(map(len, texts)) else texts)


def _table(band: list[Row], gutters: Gaps, right: float) -> Iterator[Line]:
    """A row of text in one cell that follows closely goes on with that cell of the row above; one that does not is the
    text below the table."""
    steps = [row[0].y - above[0].y for above, row in itertools.pairwise(band) if len(row) > 1]
    usual = median(steps) if steps else 0.0
    rows: list[tuple[Row, list[str]]] = []
    above: Row = []
    for number, row in enumerate(band):
        cells = [_joined(cell) for cell in _cells(row, gutters)]
        step = row[0].y - above[0].y if above else 0.0
        close = step < min(0.85 * usual, 1.6 * row[0].size)
        if (rows and not cells[0] and step < 1.6 * row[0].size) or (rows and close and cells.count("") > 0):
            rows[-1] = (rows[-1][0], [_continued(*pair) for pair in zip(rows[-1][1], cells, strict=True)])
        elif len(row) < 2 and all(len(below) < 2 for below in band[number:]):
            yield from _rows_of(rows, len(gutters) + 1)
            yield from (_prose(below, right) for below in band[number:])
            return
        else:
            rows.append((row, cells))
        above = row
    yield from _rows_of(rows, len(gutters) + 1)


def _cells(row: Row, gutters: Gaps) -> list[Row]:
    cells: list[Row] = [[] for _ in range(len(gutters) + 1)]
    for piece in row:
        cells[sum(piece.x0 >= gap[1] - 0.5 for gap in gutters)].append(piece)
    return cells


def _continued(above: str, below: str) -> str:
    if above.endswith("-") and below[:1].islower():
        return above[:-1] + below
    return f"{above} {below}".strip()


def _rows_of(rows: list[tuple[Row, list[str]]], columns: int) -> Iterator[Line]:
    for number, (row, cells) in enumerate(rows):
        line = _prose(row, 0.0)
        label = columns == 2 and cells[0].endswith(":")
        line.text = " ".join(cells) if label else " | ".join(cells).rstrip(" |")
        line.cells, line.first = columns, number == 0
        yield line
