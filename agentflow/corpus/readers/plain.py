"""Plain text to blocks by the conventions people use without thinking of markup; reStructuredText (rst.py) adds its own.

Headings are underlined, items have markers, `Label: value` runs are fields, blank lines part paragraphs.
"""

from collections.abc import Callable

from agentflow.corpus.blocks import SHORT, Block, BlockKind
from agentflow.corpus.readers.lines import (
    BULLET,
    GRID,
    RULE,
    STOP,
    SourceLine,
    block,
    field_of,
    marked,
    read_fields,
    runs,
    split_lines,
)


def told(lines: list[SourceLine], at: int) -> list[list[SourceLine]]:
    """The fields with a value that begin at a line, each with its continuation; none where one has no
    value, or a sentence."""
    groups = read_fields(lines, at)[0] if at < len(lines) and field_of(lines[at].text) else []
    values = [(field_of(group[0].text) or ("", ""))[1] for group in groups]
    return groups if all(value and not STOP.search(value) for value in values) else []


def is_name(line: SourceLine) -> bool:
    """Whether a line may be what a text is called: short, and no sentence."""
    return len(line.text.strip()) <= SHORT and not STOP.search(line.text.rstrip())


class Scanner:
    """Reads lines once from top to bottom. Each of `rules` takes what begins at a line and returns the line after it."""

    markup = False

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = split_lines(text)
        self.rules: tuple[Callable[[int], int], ...] = (self.header, self.heading, self.table, self.doctest)
        self.blocks: list[Block] = []
        self.fields: dict[str, str] = {}
        self.adornments: list[str] = []

    def scan(self) -> list[Block]:
        at = 0
        while at < len(self.lines):
            at = at + 1 if self.lines[at].blank else self.step(at)
        return self.blocks

    def step(self, at: int) -> int:
        """Adds what begins at the line `at`, which is not blank; returns the line after it."""
        for rule in self.rules:
            if (after := rule(at)) > at:
                return after
        if marked(self.lines, at):
            return self.item(at)
        return self.paragraph(at)

    def add(self, kind: BlockKind, lines: list[SourceLine], skip: int = 0, level: int = 0) -> None:
        if lines and (found := block(kind, lines, skip, level)):
            self.blocks.append(found)

    def header(self, at: int) -> int:
        """A run of two fields or more; the first one of the document is its header."""
        groups, after = read_fields(self.lines, at)
        single = len(groups) == 1 and self.markup and self.lines[at].text.lstrip().startswith(":") and not self.blocks
        if len(groups) < 2 and not single:
            return at
        if not self.fields and all(block.kind == "heading" for block in self.blocks):
            for group in groups:
                label, value = field_of(group[0].text) or ("", "")
                self.fields[label] = " ".join([value, *(line.text.strip() for line in group[1:])]).strip()
        for group in groups:
            self.add("field", group)
        return after

    def heading(self, at: int) -> int:
        """`Title` over a rule, or between two."""
        line, below = self.lines[at], self.lines[at + 1] if at + 1 < len(self.lines) else None
        if RULE.match(line.text) and line.indent == 0:
            if (
                below
                and not below.blank
                and at + 2 < len(self.lines)
                and self.lines[at + 2].text.strip() == line.text.strip()
            ):
                self.add("heading", [below], level=self.depth(line.text.strip()[0] * 2))
                return at + 3
            return at + 1  # a transition
        if below is None or not RULE.match(below.text) or line.indent or below.indent:
            return at
        size, rule = len(line.text.strip()), len(below.text.strip())
        if rule < min(size, 3) or (self.markup and rule + 4 < size) or size > 200:
            return at
        self.add("heading", [line], level=self.depth(below.text.strip()[0]))
        return at + 2

    def depth(self, adornment: str) -> int:
        if adornment not in self.adornments:
            self.adornments.append(adornment)
        return self.adornments.index(adornment) + 1

    def table(self, at: int) -> int:
        """Grid and simple tables and pipe rows: each line is a row, the borders are dropped."""
        if not GRID.match(self.lines[at].text):
            return at
        start = at
        while at < len(self.lines) and not self.lines[at].blank:
            text = self.lines[at].text
            if not GRID.match(text) and any(mark.isalnum() for mark in text):
                skip = len(text) - len(text.lstrip(" |"))
                self.add("row", [self.lines[at]], skip)
            at += 1
        return max(at, start + 1)

    def doctest(self, at: int) -> int:
        if not self.lines[at].text.lstrip().startswith(">>> "):
            return at
        while at < len(self.lines) and not self.lines[at].blank:
            self.add("code", [self.lines[at]])
            at += 1
        return at

    def item(self, at: int) -> int:
        """One list item: its marker left out, to the next item, blank line or dedent."""
        first = self.lines[at]
        skip = marked(self.lines, at)
        after = at + 1
        while after < len(self.lines) and not self.lines[after].blank:
            line = self.lines[after]
            if marked(self.lines, after) or (line.indent <= first.indent and self.markup):
                break
            after += 1
        self.add("item", self.lines[at:after], skip)
        return after

    def paragraph(self, at: int) -> int:
        """To the next blank line, bullet or change of indent."""
        first, after = self.lines[at], at + 1
        while after < len(self.lines) and not self.lines[after].blank:
            line, previous = self.lines[after], self.lines[after - 1]
            if BULLET.match(line.text) or (previous.text.rstrip().endswith(":") and marked(self.lines, after)):
                break
            if self.markup and line.indent != first.indent:
                break
            if RULE.match(line.text) and after + 1 < len(self.lines) and line.indent == 0:
                break
            if not self.markup and len(told(self.lines, after)) > 1:
                break
            after += 1
        if not self.blocks and after == at + 1 and is_name(first) and told(self.lines, after):
            self.add("heading", [first], level=1)
            return after
        together = runs(self.lines[at:after])
        for run in together:
            if len(together) > 1:
                self.add("row", run, len(run[0].text) - len(run[0].text.lstrip(" |")))
            else:
                self.add("prose", run)
        return after
