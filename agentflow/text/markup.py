"""Text as a page shows it: without the marks that Markdown puts into a line."""

import re

LINK = re.compile(
    r"(?<!\w)!?\[([^\[\]]+)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)|(?<!\w)\[([^\[\]]+)\]\[[^\[\]]*\]"
)
EMPHASIS = re.compile(
    r"(?<![\w*])(\*\*\*|\*\*|\*)(?=[^\s*])([^*]+?)(?<=\S)\1(?![\w*])|(?<!\w)(_)(?=[^\s_])([^_]+?)(?<=\S)_(?!\w)"
)

ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|(?P<code>(`+)(?!`).*?(?<!`)\3(?!`))")


def as_read(text: str) -> str:
    """Links by their words, and no marks of emphasis; what is code stays as it is."""
    return EMPHASIS.sub(lambda match: match[2] or match[4], LINK.sub(lambda match: match[1] or match[2], text))


def unescaped(markdown: str) -> str:
    """Markdown for a person to read as it is: without the backslashes before its signs, but for those in code."""
    lines = markdown.split("\n")
    return "\n".join(
        line if line.startswith("    ") else ESCAPED.sub(lambda match: match["code"] or match[1], line)
        for line in lines
    )
