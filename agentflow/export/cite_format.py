"""How citeproc-py marks what it formats: by characters that no text has, until the text is escaped and they become Markdown.

citeproc-py takes a module of this shape as its formatter.
"""

from typing import Self

from agentflow.corpus.evidence import one_line
from agentflow.research.report.markdown import inert

OPEN, CLOSE = "\ue000", "\ue001"
UNUSED = str.maketrans("", "", OPEN + CLOSE)


def preformat(text: object) -> str:
    return str(text).translate(UNUSED)


class Italic(str):
    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, f"{OPEN}{text}{CLOSE}")


Oblique = Italic
Bold = Light = Underline = Superscript = Subscript = SmallCaps = str


def markdown(text: str) -> str:
    """Escaped, with italics."""
    depth, parts = 0, []
    for char in inert(one_line(text)):
        if char == OPEN:
            depth += 1
            parts.append("*" if depth == 1 else "")
        elif char == CLOSE:
            depth -= 1
            parts.append("*" if depth == 0 else "")
        else:
            parts.append(char)
    return "".join(parts)
