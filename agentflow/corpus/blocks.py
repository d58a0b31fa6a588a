"""The parts of a document in reading order, as spans of its text, and what a reader makes of a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

LOWEST = 9  # the level of a name that belongs to no section
OPENING = 8  # blocks that tell what a document is
SHORT = 80  # characters of a line that says one thing
EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)")

BlockKind = Literal["heading", "term", "field", "prose", "item", "columns", "row", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """`text[start:end]` without surrounding blanks. `level` is a heading's depth, 1 for the topmost;
    another block with a level stands no longer under headings as deep.

    A `term` is an item that opens with a name, in its first line, and what follows stands under that name as under a heading.
    Prose, terms and items are split into sentences; a heading, a `Label: value` field, a table row or a line of code is one.
    `columns` is the row that names the columns of the rows after it. A heading that is `code` itself (a function's first
    line) can be cited, others only say where a sentence stands.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    code: bool = False


def name_of(text: str, kind: BlockKind) -> str:
    """The name that a heading or a term gives to what stands under it, on one line; empty for others."""
    return " ".join((text.split("\n")[0] if kind == "term" else text if kind == "heading" else "").split())


@dataclass(slots=True)
class Extract:
    """What a reader makes of a file.

    `text` is the file's own text with `\\n` line ends where the format is text, so that a line number is a count of
    line ends. Other readers give `lines`, pairs of (offset, line in the file), or `pages`, the offset of each page, whose
    own lines are counted from its top; `labels` names each page where it is none ("slide 2", "sheet Costs").
    `fields` are the labels of a header block in order; `date` is ISO 8601 or empty. `note` says in words for a person
    what of the file was not read, empty for nothing. `author` and `tags` are what the format's own metadata tell.
    `unseen` are numbers of pages that only text recognition can read, `ocr` maps those that it has read to its
    confidence (0 to 1). `untitled`: its headings are of entries or functions, none is the title of the whole.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    date: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[int, int]] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    note: str = ""
    unseen: list[int] = field(default_factory=list)
    ocr: dict[str, float] = field(default_factory=dict)
    author: str = ""
    tags: list[str] = field(default_factory=list)
    untitled: bool = False

    def opening(self) -> Iterator[str]:
        """The short lines that the text opens with, without the marks of emphasis, headings and quotes: a title, who wrote
        it, when."""
        for block in self.blocks[:OPENING]:
            if not block.code:
                lines = self.text[block.start : block.end].splitlines()
                yield from (EMPHASIS.sub("", line).strip(" \t#>") for line in lines if len(line) <= SHORT)
