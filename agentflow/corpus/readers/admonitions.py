"""Boxes and marks that documentation tools add to Markdown: what is inside is text, the marks are none.

MkDocs (`!!! note`, `??? tip`, `=== "Tab"`, `::: name`, `/// note`), Docusaurus and Pandoc (`:::tip`), MyST (```` ```{note} ````,
`(label)=`).
"""

import re
from collections.abc import Iterator, Sequence

INDENTED = re.compile(r"(?P<blank>\s*)(?:!!!|\?\?\?\+?|===\+?!?)\s+\S")
MARK = re.compile(r"\s*(?::{3,}.*|/{3}(?: .*)?|\([\w-]+\)=)")
OPTION = re.compile(r"\s*:[\w-]+:(?: .*)?")
BOX = re.compile(
    r"\s*(?P<fence>`{3,}|~{3,}|:{3,})\{(?:note|tip|hint|warning|important|caution|danger|error|attention|seealso|admonition|versionadded|versionchanged|deprecated)\}.*"
)
FENCE = re.compile(r"\s*(?P<fence>`{3,}|~{3,})")
WIDTH = 4  # blanks that a box indents by


def unboxed(lines: Sequence[str]) -> Iterator[str]:
    """The same number of lines, for a parser of plain Markdown: marks are blank, what stands in a box is not indented by it."""
    boxes: list[int] = []  # blanks before the marks of the open indented boxes
    open_fence = box_fence = ""
    marked = False
    for line in lines:
        blank = len(line) - len(line.lstrip())
        while boxes and line.strip() and blank < boxes[-1] + WIDTH and not open_fence:
            boxes.pop()
        text = line[min(blank, WIDTH * len(boxes)) :]
        fence = FENCE.match(text)
        if open_fence:
            if fence and text.strip().startswith(open_fence) and not text.strip().strip(open_fence[0]):
                open_fence = ""
            yield text
            continue
        if found := BOX.fullmatch(text):
            box_fence, text, marked = found["fence"], "", True
        elif box_fence and text.strip() == box_fence:
            box_fence, text = "", ""
        elif fence:
            open_fence, marked = fence["fence"], False
        elif INDENTED.match(text):
            boxes.append(blank)
            text = ""
        elif MARK.fullmatch(text):
            text, marked = "", True
        elif marked and OPTION.fullmatch(text):
            text = ""
        else:
            marked = False
        yield text
