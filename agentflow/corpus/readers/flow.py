"""Text that comes in pieces, put together block by block, each run of words with its line in the source."""

import re
from collections.abc import Sequence

from agentflow.corpus.blocks import LOWEST, Block, BlockKind, Extract

PART = re.compile(r"\s+|\S+")


class Flow:
    """`add` text between `begin` and `end`; blanks are folded as a browser folds them, except in code."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.blocks: list[Block] = []
        self.lines: list[tuple[int, int]] = []
        self.size = 0
        self.kind: BlockKind = "prose"
        self.level = 0
        self.parts: list[tuple[str, int]] = []
        self.name: list[tuple[str, int]] = []
        self.opens = self.leaves = 0

    def extract(self) -> Extract:
        self.end()
        self.unnamed()
        return Extract("".join(self.pieces), self.blocks, lines=self.lines)

    def begin(self, kind: BlockKind, level: int) -> None:
        self.kind, self.level = kind, level

    def add(self, text: str, line: int) -> None:
        self.parts.append((text, line))

    def put(self, kind: BlockKind, text: str, line: int, level: int = 0) -> None:
        """A block of one text."""
        self.begin(kind, level)
        self.add(text, line)
        self.end()

    def row(self, cells: Sequence[tuple[str, int]], *, names: bool = False) -> None:
        """A row by its cells, each with its line; `names`: it names the columns where it has several."""
        self.begin("columns" if names and len(cells) > 1 else "row", 0)
        for number, (text, line) in enumerate(cells):
            if number:
                self.cell(line)
            self.add(text, line)
        self.end()

    def cell(self, line: int) -> None:
        """Parts the cells of a row."""
        self.parts.append((" | ", line))

    def named(self) -> None:
        """What was added is the name, or one more name, of what follows."""
        words, self.parts = _trimmed(_fold(self.parts)), []
        self.name += [(", ", words[0][1]), *words] if self.name and words else words

    def under(self, level: int) -> None:
        """What follows stands under the name as under a heading of this level; 0: one block does."""
        self.opens = level

    def leave(self, level: int) -> None:
        """What follows stands no longer under names of this level."""
        self.unnamed()
        self.leaves = level or self.leaves

    def unnamed(self) -> None:
        """A name that nothing follows is an item."""
        name, self.name = self.name, []
        self._write("item", 0, name)

    def end(self) -> None:
        parts, self.parts = self.parts, []
        if self.kind != "code":
            self._block(_fold(parts))
            return
        row: list[tuple[str, int]] = []
        for text, line in parts:
            first, *rest = text.split("\n")
            row.append((first, line))
            for number, piece in enumerate(rest, 1):
                self._block(row)
                row = [(piece, line + number)]
        self._block(row)

    def _block(self, words: list[tuple[str, int]]) -> None:
        words = _trimmed(words)
        if not words:
            return
        name, self.name = self.name, []
        if name and self.kind in ("prose", "item"):
            self._write("term" if self.opens else "item", self.opens, [*name, ("\n", words[0][1]), *words])
        else:
            self._write("heading", self.opens or LOWEST, name)
            self._write(self.kind, self.level, words)

    def _write(self, kind: BlockKind, level: int, words: list[tuple[str, int]]) -> None:
        """Writes one block."""
        if not words:
            return
        start = self.size
        for text, line in words:
            if not self.lines or self.lines[-1][1] != line:
                self.lines.append((self.size, line))
            self.pieces.append(text)
            self.size += len(text)
        self.blocks.append(Block(kind, start, self.size, level or self.leaves))
        self.leaves = 0
        self.pieces.append("\n")
        self.size += 1


def _trimmed(words: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Blanks around them left out."""
    while words and not words[0][0].strip():
        words = words[1:]
    while words and not words[-1][0].strip():
        words = words[:-1]
    if words:
        words[0] = (words[0][0].lstrip(), words[0][1])
        words[-1] = (words[-1][0].rstrip(), words[-1][1])
    return words


def _fold(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Words and single blanks, each with its line."""
    words: list[tuple[str, int]] = []
    for text, line in parts:
        for match in PART.finditer(text):
            if not match[0].isspace():
                words.append((match[0], line))
            elif words and words[-1][0] != " ":
                words.append((" ", line))
            line += match[0].count("\n")
    return words
