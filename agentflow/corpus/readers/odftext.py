"""The paragraphs, lists and tables of OpenDocument. What a reader does not see is left out: deletions, comments."""

from dataclasses import dataclass, field
from typing import Any

from agentflow.corpus.blocks import BlockKind
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.xmltree import attribute, name

LEFT_OUT = {"tracked-changes", "annotation", "annotation-end", "settings", "forms", "sequence-decls", "variable-decls",
            "user-field-decls", "index-title-template", "object", "object-ole", "image"}  # fmt: skip
MARKS = {"tab": " ", "line-break": "\n", "soft-page-break": ""}
Nodes = Any  # an element, or a list of elements


@dataclass(slots=True)
class Attached:
    """What hangs on a paragraph: text boxes, and the bodies of notes."""

    boxes: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)


def inline(element: Any, found: Attached) -> str:
    """The text of a paragraph with its marks; notes and boxes go to `found`."""
    pieces = [element.text or ""]
    for child in element:
        tag = name(child)
        if tag == "s":
            count = attribute(child, "c")
            pieces.append(" " * (int(count) if count.isascii() and count.isdigit() and len(count) < 3 else 1))
        elif tag in MARKS:
            pieces.append(MARKS[tag])
        elif tag == "note":
            found.notes += [part for part in child if name(part) == "note-body"]
        elif tag == "frame":
            found.boxes.append(child)
        elif tag and tag not in LEFT_OUT:
            pieces.append(inline(child, found))
        pieces.append(child.tail or "")
    return "".join(pieces)


class OdfBody:
    """Counts paragraphs and rows as lines; a text box or note stands after the paragraph that it belongs to."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.line = 0

    def children(self, nodes: Nodes, kind: BlockKind = "prose") -> None:
        for child in nodes:
            tag = name(child)
            if tag == "h":
                level = attribute(child, "outline-level")
                self.paragraph(child, "heading", int(level) if level.isdecimal() and len(level) < 3 else 1)
            elif tag == "p":
                self.paragraph(child, kind, 0)
            elif tag == "table":
                self.table(child)
            elif tag and tag not in LEFT_OUT:
                self.children(child, "item" if tag in ("list-item", "list-header") else kind)

    def heading(self, frame: Any) -> None:
        """All words of a frame as one heading: a slide's title."""
        self.write("heading", 1, " ".join(inline(each, Attached()) for each in frame.iter("{*}p")))

    def paragraph(self, element: Any, kind: BlockKind, level: int) -> None:
        found = Attached()
        self.write(kind, level, inline(element, found))
        self.attached(found)

    def attached(self, found: Attached) -> None:
        line = self.line
        for part in [*found.boxes, *found.notes]:
            self.children(part, "item" if part in found.notes else "prose")
        self.line = line

    def write(self, kind: BlockKind, level: int, text: str) -> None:
        self.line += 1
        self.flow.put(kind, " ".join(text.split()), self.line, level)

    def table(self, table: Any) -> None:
        rows = list(table.iter("{*}table-row"))
        for number, row in enumerate(rows):
            self.line += 1
            found, cells = Attached(), []
            for cell in row:
                if name(cell) in ("table-cell", "covered-table-cell"):
                    cells.append(" ".join(inline(part, found) for part in cell.iter("{*}p", "{*}h")).split())
            if any(cells):
                self.flow.row([(" ".join(words), self.line) for words in cells], names=number == 0 and len(rows) > 1)
            self.attached(found)
