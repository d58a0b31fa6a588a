"""Source code and configuration: every line is a sentence, functions and classes give headings; a Python module is called
as its docstring begins."""

import re

from agentflow.corpus.blocks import Block, Extract
from agentflow.corpus.readers.lines import split_lines

DEFINITION = re.compile(
    r"^(?P<indent>\s*)(?:export\s+|pub(?:\([a-z]+\))?\s+|public\s+|private\s+|protected\s+|static\s+|abstract\s+|async\s+"
    r"|default\s+|final\s+)*(?:def|class|function|func|fn|struct|enum|trait|impl|interface|module|namespace|type)\s+\w"
)
DOCSTRING = re.compile(r"\ufeff?(?:[ \t]*(?:#.*)?\n)*[rRuU]?(?P<quotes>\"{3}|'{3})\s*(?P<line>\S.*)")
SECTION = re.compile(r"^\[\[?[^\]]+\]\]?\s*$")


def read(text: str) -> Extract:
    blocks: list[Block] = []
    for line in split_lines(text):
        if line.blank:
            continue
        start, end = line.start + line.indent, line.start + len(line.text.rstrip())
        if found := DEFINITION.match(line.text):
            blocks.append(Block("heading", start, end, 1 + len(found["indent"].expandtabs(4)) // 4, code=True))
        elif SECTION.match(line.text):
            blocks.append(Block("heading", start, end, 1))
        else:
            blocks.append(Block("code", start, end))
    docstring = DOCSTRING.match(text)
    title = docstring["line"].partition(docstring["quotes"])[0].strip() if docstring else ""
    return Extract(text, blocks, title=title, untitled=True)
