"""A text as lines with offsets, and what a single line can be in the plain-text conventions all formats share."""

import re
from dataclasses import dataclass

from agentflow.corpus.blocks import Block, BlockKind

FIELD = re.compile(
    r"^\s{0,3}(?:"
    r":(?P<colon>[^:\s`][^:`]{0,40}):"
    r"|\*\*(?P<bold>[^\W\d_][\w /()&.-]{0,40}):\*\*"
    r"|(?P<name>[^\W\d_][\w/()&.-]*(?: [\w/()&.-]+){0,3}):"
    r")(?:\s+(?P<value>\S.*)|\s*)$"
)
ITEM = re.compile(r"^\s*(?:[-*+•‣·–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|#\.|\[\d+\])\s+(?=\S)")
BULLET = re.compile(r"^\s*[-*+•‣]\s+(?=\S)")
RULE = re.compile(r"^\s*([^\w\s])\1{2,}\s*$")
GRID = re.compile(r"^\s*(?:\+[-=+]+\+|=+(?:\s+=+)+|-+(?:\s+-+)+|\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?)\s*$")
STOP = re.compile(r"[.!?:;,]$")


@dataclass(frozen=True, slots=True)
class Line:
    """`start` and `end` are offsets of the line without its line end; `indent` counts leading blanks."""

    start: int
    end: int
    text: str

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def split_lines(text: str) -> list[Line]:
    """Only `\\n` ends a line here: other Unicode line breaks are part of it, as in an editor."""
    found: list[Line] = []
    start = 0
    for piece in text.split("\n"):
        found.append(Line(start, start + len(piece), piece))
        start += len(piece) + 1
    return found


def block(kind: BlockKind, lines: list[Line], skip: int = 0, level: int = 0) -> Block | None:
    """One block over whole lines, blanks trimmed; `skip` leading characters (a list marker) are left out."""
    start, end = lines[0].start + skip, lines[-1].end
    first, last = lines[0].text[skip:], lines[-1].text
    start += len(first) - len(first.lstrip())
    end -= len(last) - len(last.rstrip())
    return Block(kind, start, end, level) if end > start else None


def field_of(line: str) -> tuple[str, str] | None:
    """(label, value) of a line such as `Status: Final`, `:Author: Someone` or `**Date:** 2020-01-01`."""
    if (match := FIELD.match(line)) is None:
        return None
    label = match["colon"] or match["bold"] or match["name"]
    return label.strip(), (match["value"] or "").strip()


def read_fields(lines: list[Line], at: int) -> tuple[list[list[Line]], int]:
    """The run of fields from line `at`, each with its indented continuation; and the line after it."""
    groups: list[list[Line]] = []
    while at < len(lines) and not lines[at].blank:
        if groups and lines[at].indent > groups[-1][0].indent:
            groups[-1].append(lines[at])
        elif field_of(lines[at].text):
            groups.append([lines[at]])
        else:
            break
        at += 1
    return groups, at


def ragged(lines: list[Line]) -> bool:
    """Several short lines without stops: an address, a poem, columns; each line stands for itself."""
    if len(lines) < 3:
        return False
    short = sum(len(line.text.strip()) < 50 and not STOP.search(line.text.rstrip()) for line in lines)
    columns = sum(bool(re.search(r"\S {3,}\S", line.text)) for line in lines)
    return short >= 0.8 * len(lines) or columns >= 0.6 * len(lines)
