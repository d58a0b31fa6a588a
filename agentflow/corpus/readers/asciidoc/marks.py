"""What a line of AsciiDoc can be."""

import re

from agentflow.corpus.readers.lines import SourceLine

TITLE = re.compile(r"(?P<marks>={1,6}|#{1,6})[ \t]+(?=\S)")
UNDER = re.compile(r"(=+|-+|~+|\^+|\++)[ \t]*$")
UNDERLINES = "=-~^+"
ATTRIBUTE = re.compile(r":(?P<name>!?\w[\w-]*!?):(?:[ \t]+(?P<value>.*))?$")
REVISION = re.compile(
    r"(?:v?(?P<number>[\d.]+\w*),?[ \t]*)?(?P<date>\d{4}-\d\d-\d\d|[^:,;]*\b\d{4}\b[^:;]{0,20})?(?:[:;].*)?$"
)
AUTHOR = re.compile(r"[^\W\d_][\w.'’-]{0,40}(?: [\w.'’-]{1,40}){1,3}(?: <[^<>]{1,100}>)?(?:;.*)?[ \t]*$")
STYLE = re.compile(r"\[(?P<said>[^\]\n]*)\][ \t]*$|\[\[[^\]\n]*\]\][ \t]*$")
CODE = re.compile(r"(-{4,}|\.{4,}|`{3}|\+{4,})")
DRAWN = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--)[ \t]*$")  # around what is read as if they were not there
TABLE = re.compile(r"[|,:!]={3,}[ \t]*$")
MARK = re.compile(r"(?:([-.`+/])\1{2,}|[|,:!]={3,})[ \t]*$")
SILENT = re.compile(
    r"(?:include|ifdef|ifndef|ifeval|endif|image|video|audio|toc|leveloffset)::|'{3,}[ \t]*$|<<<[ \t]*$|-{3}[ \t]*$|\*{3}[ \t]*$"
)
ITEM = re.compile(r"[ \t]*(?:\*{1,5}|-|\.{1,5}|[a-z]\.|<(?:\d{1,3}|\.)>)[ \t]+(?:\[[ xX*]\][ \t]+)?(?=\S)")
TERM = re.compile(r"[ \t]*\S.{0,300}?(?::{2,4}|;;)(?:[ \t]+(?P<text>\S)|[ \t]*$)")
NUMBER = re.compile(r"[ \t]*\d{1,3}\.[ \t]+\S")  # of an item, which is kept: it may be a date or a year


def bounds(line: str) -> bool:
    """Whether it ends the paragraph before it."""
    code = CODE.match(line)
    around = any(each.match(line) for each in (STYLE, TABLE, DRAWN, SILENT))
    return line.rstrip() == "+" or line.startswith("//") or around or (code is not None and line.rstrip() == code[1])


def opens(line: str) -> bool:
    """Whether a text begins here that may follow a term."""
    return bool(line.strip()) and not bounds(line) and not ITEM.match(line) and not TITLE.match(line)


def begins_item(line: str) -> bool:
    return any(each.match(line) for each in (ITEM, NUMBER, TERM))


def titled(line: SourceLine) -> tuple[SourceLine, int, int] | None:
    """The title of `== Title ==` without the marks behind it, the length of those before it, and its level."""
    marks = TITLE.match(line.text)
    if marks is None:
        return None
    title = line.text.rstrip()
    bare = title.rstrip("=")
    title = bare.rstrip() if bare[-1:].isspace() else title
    return SourceLine(line.start, line.start + len(title), title), marks.end(), len(marks["marks"])


def underlined(line: str, below: str) -> int:
    """The level of a title over a line about as long as itself; 0 for none."""
    size, drawn = len(line.rstrip()), UNDER.match(below)
    if drawn is None or size < 2 or abs(len(drawn[1]) - size) > 2 or not re.match(r"\w", line):
        return 0
    return UNDERLINES.index(drawn[1][0]) + 1
