"""A text as lines with offsets, and what a single line can be in the plain-text conventions all formats share."""

import itertools
import re
from dataclasses import dataclass

from agentflow.corpus.blocks import Block, BlockKind
from agentflow.text.names import VERBS
from agentflow.text.scripts import STOPS, UNSPACED

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
STOP = re.compile(rf"[.!?:;,{STOPS}，、；：،؛]$")
ENDED = re.compile(rf"[.!?](?:\s|$)|[{STOPS}]")
# Words that end no line of a list.
OPEN = re.compile(
    r"(?i)\b(?:an?|the|and|or|of|to|for|from|with|by|at|on|is|was|und|oder|der|die|das|den|dem|ein|eine|einen|einem|einer|im|am|zum"
    r"|zur|mit|von|et|ou|de|du|des|le|la|les|un|une|el|los|las|del|y|il|lo|gli|di|della|het|een|van|og|och|av|att)$"
)
GAP = re.compile(r"\S {3,}\S")
ORDINAL = re.compile(r"^\s*(?P<value>\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})\.\s")
NAMED = re.compile(rf"\s*[A-Z]\.\s+[A-Z][\w'’-]+\s+(?:{'|'.join(sorted(VERBS))})\b")  # `A. Marsh was`
REACH = 40  # lines in which an ordinal's neighbour is looked for


@dataclass(frozen=True, slots=True)
class SourceLine:
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


def split_lines(text: str) -> list[SourceLine]:
    """Only `\\n` ends a line here: other Unicode line breaks are part of it, as in an editor."""
    found: list[SourceLine] = []
    start = 0
    for piece in text.split("\n"):
        found.append(SourceLine(start, start + len(piece), piece))
        start += len(piece) + 1
    return found


def block(kind: BlockKind, lines: list[SourceLine], skip: int = 0, level: int = 0) -> Block | None:
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


def read_fields(lines: list[SourceLine], at: int) -> tuple[list[list[SourceLine]], int]:
    """The run of fields from line `at`, each with its indented continuation; and the line after it."""
    groups: list[list[SourceLine]] = []
    while at < len(lines) and not lines[at].blank:
        if groups and lines[at].indent > groups[-1][0].indent:
            groups[-1].append(lines[at])
        elif field_of(lines[at].text):
            groups.append([lines[at]])
        else:
            break
        at += 1
    return groups, at


def runs(lines: list[SourceLine]) -> list[list[SourceLine]]:
    """The lines of a paragraph as they belong together: wrapped text is one run, a line of an address or poem its own."""
    if not ragged(lines) or (wrapped(lines) and not columns(lines)):
        return [lines]
    return [[line] for line in lines]


def ragged(lines: list[SourceLine]) -> bool:
    """Several short lines without stops: an address, a poem, columns, or text that was wrapped narrowly."""
    if len(lines) < 3:
        return False
    short = sum(len(line.text.strip()) < 50 and not STOP.search(line.text.rstrip()) for line in lines)
    return short >= 0.8 * len(lines) or columns(lines)


def columns(lines: list[SourceLine]) -> bool:
    return sum(bool(GAP.search(line.text)) for line in lines) >= 0.6 * len(lines)


def wrapped(lines: list[SourceLine]) -> bool:
    """Whether the line ends fell where the width ended: the lines go on in small letters, and the next line's first
    word would not have fitted."""
    texts = [line.text.strip() for line in lines]
    if sum(len(text.split()) for text in texts) < 3 * len(texts) and any(mark.isspace() for mark in texts[0]):
        return False
    width = max(map(len, texts))
    pairs = list(itertools.pairwise(texts))
    full = sum(len(text) + 1 + _word(after) > 0.92 * width for text, after in pairs) >= 0.8 * len(pairs)
    if not any(mark.isupper() or mark.islower() for mark in "".join(texts)):
        return full  # no capitals tell where a line begins anew
    small = sum(_goes_on(after) or OPEN.search(text) is not None for text, after in pairs)
    text = not _goes_on(texts[0]) or any(ENDED.search(text) or OPEN.search(text) for text in texts)
    return text and (small >= 0.6 * len(pairs) or (full and small >= 0.25 * len(pairs)))


def _word(text: str) -> int:
    """The letters that stand together at its beginning: one, where no blanks are set."""
    return 1 if UNSPACED.match(text) else len(text.partition(" ")[0])


def _goes_on(text: str) -> bool:
    """A small letter, or one of a script without capitals."""
    first = next((mark for mark in text if mark.isalnum()), " ")
    return first.isalpha() and not first.isupper() and not first.istitle()


def marked(lines: list[SourceLine], at: int) -> int:
    """The length of a list marker that opens the line `at`, 0 without one.

    `A.` or `3.` before a word may also be an initial or a day: it marks an item only beside its neighbour in the list.
    """
    match = ITEM.match(lines[at].text)
    if match is None:
        return 0
    ordinal = ORDINAL.match(lines[at].text)
    return match.end() if ordinal is None or _neighbour(lines, at, ordinal) else 0


def _neighbour(lines: list[SourceLine], at: int, ordinal: re.Match[str]) -> bool:
    values = _values(ordinal["value"])
    if ordinal["value"].isupper() and len(ordinal["value"]) == 1 and ordinal["value"] != "I":
        return _listed(lines, at, ordinal["value"])
    for step, far in ((-1, max(at - REACH, -1)), (1, min(at + REACH, len(lines)))):
        for line in (lines[number] for number in range(at + step, far, step)):
            other = ORDINAL.match(line.text) if line.indent == lines[at].indent else None
            if other and any(value + step == near for value in values for near in _values(other["value"])):
                return True
    return False


def _listed(lines: list[SourceLine], at: int, letter: str) -> bool:
    """Two initials may follow each other by chance; a list begins with `A.`, and three letters in a row are one."""
    near = lines[max(at - REACH, 0) : at + REACH]
    seen = {found["value"] for line in near if line.indent == lines[at].indent and (found := ORDINAL.match(line.text))}
    row = [chr(ord(letter) + step) in seen for step in (-2, -1, 1, 2)]
    if (row[0] and row[1]) or (row[1] and row[2]) or (row[2] and row[3]):
        return True
    return letter in "AB" and {"A", "B"} <= seen and not any(NAMED.match(line.text) for line in near)


def _values(ordinal: str) -> list[int]:
    """What an ordinal can count: `i` is the first Roman number and the ninth letter; both signs tell small from capital."""
    if ordinal.isdigit():
        return [int(ordinal)]
    base = 10_000 if ordinal.islower() else 20_000
    letter = [base + ord(ordinal.lower())] if len(ordinal) == 1 else []
    return [*letter, base + 1000 + _roman(ordinal.lower())] if set(ordinal.lower()) <= set("ivx") else letter


def _roman(number: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[mark] for mark in number]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
