"""Text of documents and models as a terminal may safely show it: no escapes, no control or direction characters."""

import re

from textual.content import Content

ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[^\x1b]?)", re.DOTALL
)
CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
TAGS = re.compile(r"[\U000e0000-\U000e0fff]")


def plain(text: str) -> str:
    """The same text with line ends kept, tabs as four blanks, and everything removed that acts instead of showing."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return TAGS.sub("", CONTROLS.sub("", ESCAPES.sub("", text)))


def line(text: str) -> str:
    """`plain` on one line."""
    return " ".join(plain(text).split())


def content(text: str, style: str = "") -> Content:
    """Inert content; markup in `text` stays text."""
    return Content.styled(plain(text), style) if style else Content(plain(text))


def ago(seconds: float) -> str:
    """A duration until now in a word or two."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "now" if seconds < 10 else f"{seconds:.0f} s ago"


def count(number: float, noun: str, many: str = "") -> str:
    """`1 quote`, `1,200 quotes`."""
    return f"{number:,.0f} {noun if number == 1 else many or noun + 's'}"
