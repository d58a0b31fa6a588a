"""Tables of a page: which hold figures and which only arrange the page, and the cells of each row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agentflow.corpus.readers.markup import CELL, Element, inline

LONG = 300  # characters of a cell that holds a text of its own
WIDEST = 50  # columns that one cell may span
TALLEST = 1000  # rows that one cell may span
PARAGRAPHS = {"p", "ul", "ol", "dl", "h1", "h2", "h3", "blockquote", "table", "section", "article"}
Cell = list[tuple[str, int]]


@dataclass(slots=True)
class GridRow:
    """`names` is true for a row of column names."""

    line: int
    names: bool
    cells: list[Cell] = field(default_factory=list)


def is_grid(table: Element) -> bool:
    """Not where a cell holds a text with paragraphs or another table, where all stands in one column, or where the page
    says that the table only arranges it."""
    if table.attributes.get("role") in ("presentation", "none"):
        return False
    widest = 0
    for row in _own(table, {"tr"}):
        cells = list(_own(row, CELL))
        widest = max(widest, len(cells))
        for cell in cells:
            parts = sum(each.tag in PARAGRAPHS for each in cell.elements())
            if (parts > 1 or any(each.tag == "table" for each in cell.elements())) and cell.size() > LONG:
                return False
    return widest > 1


def rows(table: Element, hidden: Callable[[Element], bool]) -> Iterator[GridRow]:
    """A cell that spans rows is repeated in each; one that spans columns leaves the others empty. A caption is a row."""
    for caption in _own(table, {"caption"}):
        yield GridRow(caption.line, False, [_words(caption, hidden)])
    spans: dict[int, tuple[int, Cell]] = {}  # column: rows left, cell
    first = True
    for line in _own(table, {"tr"}):
        if hidden(line):
            continue
        given = list(_own(line, CELL))
        row = GridRow(line.line, bool(given) and all(cell.tag == "th" for cell in given) and (first or len(given) > 1))
        first = False
        for cell in given:
            _carry(row, spans)
            words = [] if hidden(cell) else _words(cell, hidden)
            across, down = _span(cell, "colspan", WIDEST), _span(cell, "rowspan", TALLEST)
            if down > 1:
                spans.update({len(row.cells) + at: (down - 1, words if at == 0 else []) for at in range(across)})
            row.cells += [words, *([] for _ in range(across - 1))]
        _carry(row, spans)
        if any(text.strip() for cell in row.cells for text, _ in cell):
            yield row


def _carry(row: GridRow, spans: dict[int, tuple[int, Cell]]) -> None:
    """Puts in what cells above reach down into this place of the row."""
    while (at := len(row.cells)) in spans:
        left, cell = spans.pop(at)
        row.cells.append(cell)
        if left > 1:
            spans[at] = (left - 1, cell)


def _span(cell: Element, name: str, most: int) -> int:
    given = cell.attributes.get(name, "1").strip()
    return max(1, min(int(given), most)) if given.isascii() and given.isdigit() and len(given) < 9 else 1


def _own(element: Element, tags: set[str]) -> Iterator[Element]:
    """Elements of these tags that belong to this table, not to one within."""
    waiting = [child for child in reversed(element.children) if isinstance(child, Element)]
    while waiting:
        child = waiting.pop()
        if child.tag in tags:
            yield child
        elif child.tag not in CELL and child.tag != "table":
            waiting += [inner for inner in reversed(child.children) if isinstance(inner, Element)]


def _words(element: Element, hidden: Callable[[Element], bool]) -> Cell:
    """The text of a cell on one line: what stands in blocks is parted by blanks."""
    found: Cell = []
    for child in element.children:
        if isinstance(child, tuple):
            found.append(child)
        elif not hidden(child):
            inner = _words(child, hidden)
            found += (
                inner if inline(child.tag) and child.tag != "img" else [(" ", child.line), *inner, (" ", child.line)]
            )
    return found
