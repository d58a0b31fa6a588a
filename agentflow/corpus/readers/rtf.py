"""Rich text by striprtf: a paragraph is a line. `line` counts the lines of the text that is shown."""

import re

from agentflow.corpus.blocks import Block, Extract
from agentflow.corpus.readers.decode import unify
from agentflow.corpus.readers.lines import block, marked, split_lines
from agentflow.corpus.readers.unreadable import Unreadable

TITLE = re.compile(r"\{\\info\b.{0,2000}?(\{\\title\s[^{}]+\})", re.DOTALL)
HIDDEN = re.compile(r"\{[^{}]*\\v\b[^{}]*\}")
FOOTNOTE = re.compile(r"\{\\footnote\b")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
BREAK = re.compile(r"\\line\b ?")
BROKEN = "\ue000"  # stands for a line break within a paragraph while striprtf works


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no rich text and for damage."""
    source = content.decode("latin-1")
    if not source.lstrip().startswith("{\\rtf"):
        raise Unreadable("not a rich text document: it does not begin with {\\rtf")
    try:
        plain = _shown(_arranged(source))
        named = TITLE.search(source[:20_000])
        title = " ".join(_shown(f"{{\\rtf1 {named[1].replace(chr(92) + 'title', '', 1)}}}").split()) if named else ""
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise Unreadable(f"a damaged rich text document ({type(error).__name__}: {error})") from error
    lines = [("|" in line and _row(line)) or line.rstrip() for line in unify(plain).split("\n")]
    text = "\n".join(lines).replace(BROKEN, "\n")
    return Extract(text, _blocks(text, lines), title=title)


def _shown(source: str) -> str:
    from striprtf.striprtf import rtf_to_text

    return str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]


def _arranged(source: str) -> str:
    """Hidden text left out, footnotes as paragraphs at the end, line breaks kept within their paragraph."""
    source = BREAK.sub(lambda _: BROKEN, HIDDEN.sub("", source))
    pieces, notes, at = [], [], 0
    for found in FOOTNOTE.finditer(source):
        end = _group_end(source, found.start())
        if found.start() >= at and end:
            pieces.append(source[at : found.start()])
            notes.append("{" + source[found.end() : end])
            at = end
    rest = source[at:].rstrip().removesuffix("}")
    return "".join([*pieces, rest, *("\\par\\pard " + note for note in notes), "}"])


def _group_end(source: str, start: int) -> int:
    depth = 0
    for mark in BRACE.finditer(source, start):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    return 0


def _row(line: str) -> str:
    """striprtf ends each cell of a table with a bar."""
    cells = line.rstrip()
    return " | ".join(cell.strip() for cell in cells[:-1].split("|")) if cells.endswith("|") else cells


def _blocks(text: str, paragraphs: list[str]) -> list[Block]:
    found: list[Block | None] = []
    lines, at, rows = split_lines(text), 0, False
    for paragraph in paragraphs:
        part = lines[at : at + paragraph.count(BROKEN) + 1]
        if " | " in paragraph:
            found.append(block("row" if rows else "columns", part))
        elif paragraph.strip():
            skip = marked(lines, at)
            found.append(block("item" if skip else "prose", part, skip))
        rows, at = " | " in paragraph, at + len(part)
    return [each for each in found if each]
