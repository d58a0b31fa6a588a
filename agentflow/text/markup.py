"""Text as a page shows it: without the marks that Markdown puts into a line."""

import re

LINK = re.compile(
    r"(?<!\w)!?\[([^\[\]]+)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)|(?<!\w)\[([^\[\]]+)\]\[[^\[\]]*\]"
)
EMPHASIS = re.compile(
    r"(?<![\w*])(\*\*\*|\*\*|\*)(?=[^\s*])([^*]+?)(?<=\S)\1(?![\w*])|(?<!\w)(_)(?=[^\s_])([^_]+?)(?<=\S)_(?!\w)"
)


def as_read(text: str) -> str:
    """Links by their words, and no marks of emphasis; what is code stays as it is."""
    return EMPHASIS.sub(lambda match: match[2] or match[4], LINK.sub(lambda match: match[1] or match[2], text))
