"""What a page of roff has shown so far: the open block, whether its lines are filled, the open table."""

import re

from agentflow.corpus.blocks import BlockKind
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.roff.escapes import Escapes

BULLET = re.compile(r"[•·◦○*+–—o-]")
TAG = 100  # characters of a paragraph that may name what the indented one below it tells
STOPPED = re.compile(r"(?:[^.]\.|[:;!?])$")


class RoffPage:
    """`glued`: the next text follows without a blank. `tagged`: the open block holds a tag whose text may still come."""

    def __init__(self, escapes: Escapes) -> None:
        self.escapes = escapes
        self.flow = Flow()
        self.kind: BlockKind = "prose"
        self.filled = True
        self.glued = False
        self.tagged = False
        self.heads = False
        self.puts = 0
        self.last = ""

    def start(self, kind: BlockKind, level: int = 0, *, tagged: bool = False) -> None:
        """Ends the open block; the next text begins one of this kind."""
        self.flow.end()
        self.flow.begin(kind, level)
        self.kind, self.tagged, self.glued, self.puts, self.last = kind, tagged, False, 0, ""
        self.heads = kind == "heading"

    def bare(self) -> bool:
        """Whether a tag stands alone so far."""
        return self.tagged and self.puts < 2

    def paragraph(self) -> None:
        """A tag keeps waiting for its text."""
        if not self.bare():
            self.start("prose")

    def line_break(self) -> None:
        """A new line of the same paragraph; an item goes on, except after a sentence."""
        if self.kind != "item" or (STOPPED.search(self.last) and not self.bare()):
            self.start(self.kind)

    def indent(self) -> None:
        """What follows a short paragraph without a stop, indented, is told of it."""
        if self.puts == 1 and len(self.last) <= TAG and not STOPPED.search(self.last) and self.kind != "code":
            self.kind, self.tagged = "item", True
            self.flow.begin("item", 0)
        else:
            self.start("prose")

    def fill(self, filled: bool) -> None:
        self.filled = filled
        self.start("prose")

    def text(self, raw: str, number: int) -> None:
        """A line that is no request."""
        if not raw.strip():
            if self.filled:
                self.paragraph()
            return
        if raw[0] in " \t" and self.filled and not self.bare():
            self.start(self.kind if self.kind == "item" else "prose")
        self.put(self.escapes.shown(raw), number, glues=raw.endswith("\\c"))

    def put(self, text: str, number: int, *, glues: bool = False) -> None:
        """Readable text, on its own line where lines are not filled."""
        if not text.strip():
            return
        if not self.filled:
            self.code(text, number)
            return
        if self.puts == 0 and BULLET.fullmatch(text.strip()) and self.kind != "heading":
            self.start("item")
            return
        self.flow.add(text if self.glued else f" {text}", number)
        self.puts, self.last, self.glued = self.puts + 1, text.strip(), glues
        if self.heads:
            self.start("prose")

    def code(self, text: str, number: int) -> None:
        self.start("code")
        self.flow.add(text, number)
        self.start("prose")
