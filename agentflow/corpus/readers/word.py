"""The text of a Word document's paragraphs and tables, whatever it is wrapped in: tracked insertions, content controls,
fields, text boxes, notes. What a reader does not see is left out: deletions, hidden text, field codes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
LEFT_OUT = {
    f"{W}{name}" for name in "del moveFrom rPr pPr tblPr trPr tcPr sectPr instrText delText rt sdtPr fldData".split()
}
MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "", "ptab": "\t"}
DEEPEST = 100
WIDEST = 60


@dataclass(slots=True)
class WordParagraph:
    """`boxes` are the bodies of text boxes in it, `notes` the numbers of its foot- and endnotes."""

    text: str = ""
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def parts(body: Any, depth: int = 0) -> Iterator[Any]:
    """The `w:p`, `w:tbl` and `w:altChunk` elements of a body or cell in order, also those within wrappers."""
    if depth > DEEPEST:
        return
    for child in body:
        if child.tag in (f"{W}p", f"{W}tbl", f"{W}altChunk"):
            yield child
        elif isinstance(child.tag, str) and child.tag not in LEFT_OUT:
            yield from parts(_one_choice(child), depth + 1)


def goes_on(element: Any) -> bool:
    """Whether the end of the paragraph was deleted in a tracked change: the next one belongs to it."""
    return element.find(f"{W}pPr/{W}rPr/{W}del") is not None


def paragraph(element: Any) -> WordParagraph:
    found = WordParagraph()
    pieces: list[str] = []
    _run(element, pieces, found, 0)
    found.text = "".join(pieces)
    return found


def _run(element: Any, pieces: list[str], found: WordParagraph, depth: int) -> None:
    if depth > DEEPEST:
        return
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in LEFT_OUT or (tag == f"{W}r" and _hidden(child)):
            continue
        name = tag.removeprefix(W)
        if tag in (f"{W}t", f"{M}t"):
            pieces.append(child.text or "")
        elif tag.startswith(W) and name in MARKS:
            pieces.append(MARKS[name])
        elif name == "sym":
            pieces.append(_symbol(child))
        elif name == "txbxContent":
            found.boxes.append(child)
        elif name in ("footnoteReference", "endnoteReference"):
            found.notes.append((name.removesuffix("Reference"), child.get(f"{W}id") or ""))
        elif tag == f"{M}oMath":
            pieces.append(" ")
            _run(child, pieces, found, depth + 1)
            pieces.append(" ")
        else:
            _run(_one_choice(child), pieces, found, depth + 1)


def _one_choice(element: Any) -> Any:
    """Of the same content for newer and older programs, the first that holds any."""
    if element.tag != f"{MC}AlternateContent":
        return element
    return next((child for child in element if len(child)), element)


def _hidden(run: Any) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val", "true") not in ("0", "false", "off")


def _symbol(element: Any) -> str:
    """A character of a symbol font: those of Unicode as they are, bullets and arrows of private fonts as nothing."""
    try:
        code = int(element.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    return chr(code) if 0x20 <= code < 0xD800 else ""


def rows(table: Any, depth: int = 0) -> Iterator[Any]:
    """The `w:tr` elements of a table, also those within wrappers and tracked insertions."""
    for child in table if depth <= DEEPEST else ():
        if child.tag == f"{W}tr":
            if child.find(f"{W}trPr/{W}del") is None:
                yield child
        elif isinstance(child.tag, str) and child.tag not in LEFT_OUT and child.tag != f"{W}tbl":
            yield from rows(child, depth + 1)


def cells(row: Any, depth: int = 0) -> Iterator[Any]:
    """The `w:tc` elements of a row."""
    for child in row if depth <= DEEPEST else ():
        if child.tag == f"{W}tc":
            yield child
        elif isinstance(child.tag, str) and child.tag not in LEFT_OUT:
            yield from cells(child, depth + 1)


def spans(cell: Any) -> tuple[int, bool]:
    """How many columns the cell takes, and whether it goes on from the cell above."""
    given = cell.find(f"{W}tcPr/{W}gridSpan")
    wide = given.get(f"{W}val") if given is not None else "1"
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    across = int(wide) if wide and wide.isascii() and wide.isdigit() and len(wide) < 6 else 1
    return max(1, min(across, WIDEST)), merge is not None and merge.get(f"{W}val") != "restart"
