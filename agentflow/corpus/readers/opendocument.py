"""OpenDocument texts, sheets and slides. `line` is the paragraph or table row, counted from the top of the text or slide,
or the row of the sheet."""

from typing import Any

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.archive import Archive
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.odftext import Attached, OdfBody, inline
from agentflow.corpus.readers.parts import Parts
from agentflow.corpus.readers.sheet import MOST, Sheet
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.readers.xmltree import attribute, name, root_of

WIDEST = 60  # times that one cell with words may be repeated
KEYS = {"title": "title", "creator": "author", "initial-creator": "author", "date": "date", "creation-date": "date"}


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no OpenDocument file, for bombs, passwords and damage."""
    archive = Archive(content, "an OpenDocument file")
    archive.must_hold("content.xml")
    manifest = "META-INF/manifest.xml"
    if manifest in archive.names and b"encryption-data" in archive.read(manifest):
        raise Unreadable("encrypted")
    root = root_of(archive.read("content.xml"), "OpenDocument file")
    kind = next((part for body in root if name(body) == "body" for part in body), None)
    if kind is None:
        raise Unreadable("a damaged OpenDocument file (it has no body)")
    extract = READERS.get(name(kind), _text)(kind)
    if "meta.xml" in archive.names:
        _about(extract, root_of(archive.read("meta.xml"), "OpenDocument file"))
    return extract


def _about(extract: Extract, root: Any) -> None:
    for element in root.iter():
        value, key = (element.text or "").strip(), KEYS.get(name(element), "")
        if value and name(element) == "keyword":
            extract.tags.append(value)
        elif value and key and not (key != "title" and getattr(extract, key)):
            setattr(extract, key, value[:10] if key == "date" else value)


def _text(root: Any) -> Extract:
    flow = Flow()
    OdfBody(flow).children(root)
    return flow.extract()


def _slides(root: Any) -> Extract:
    parts = Parts()
    for number, page in enumerate((part for part in root if name(part) == "page"), 1):
        flow = Flow()
        body = OdfBody(flow)
        titles = [frame for frame in page if attribute(frame, "class") == "title"]
        for frame in titles:
            body.heading(frame)
        for frame in page:
            if frame not in titles:
                body.children([frame])
        parts.add(f"slide {number}", flow.extract())
    return parts.finish()


def _sheets(root: Any) -> Extract:
    parts, notes, left = Parts(), [], MOST
    for table in (part for part in root if name(part) == "table"):
        title, sheet, line = attribute(table, "name"), Sheet(left), 1
        for row in table.iter("{*}table-row"):
            if not sheet.add(line, _cells(row)):
                notes.append(f"of sheet {title} the rows from {line:,} on were not read: too many cells")
                break
            line += _times(row, "number-rows-repeated", 1 << 24)
        left = max(sheet.left, 0)
        parts.add(f"sheet {title}", sheet.extract(), heading=title)
    extract = parts.finish()
    extract.note = "; ".join(notes[:5])
    return extract


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row:
        words = (
            " ".join(inline(part, Attached()) for part in cell if name(part) == "p")
            if name(cell) == "table-cell"
            else ""
        )
        cells += [words] * _times(cell, "number-columns-repeated", WIDEST)
    return cells


def _times(element: Any, wanted: str, most: int) -> int:
    given = attribute(element, wanted)
    return max(1, min(int(given), most)) if given.isascii() and given.isdigit() and len(given) < 9 else 1


READERS = {"text": _text, "presentation": _slides, "spreadsheet": _sheets}
