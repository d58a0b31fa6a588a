"""Text of documents and models as it may safely be shown: what acts instead of showing is removed."""

import re

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[PX^_][^\x1b\n]*\x1b\\|[ -~]?)")
# Neither line ends and tabs nor the joiners (U+200C, U+200D), which Persian and Indic words need.
ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def plain(text: str) -> str:
    """The same text, its line ends as `\\n`, without terminal escapes, control, direction and zero-width characters."""
    if text.isprintable():
        return text
    return ACTING.sub("", ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
