"""Text of documents and models as a terminal may safely show it: no escapes, no control or direction characters."""

import agentflow.text.plain


def plain(text: str) -> str:
    """`agentflow.text.plain`, with tabs as four blanks."""
    return agentflow.text.plain.plain(text).replace("\t", "    ")


def line(text: str) -> str:
    """`plain` on one line."""
    return " ".join(plain(text).split())


def ago(seconds: float) -> str:
    """A duration until now in a word or two."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "now" if seconds < 10 else f"{seconds:.0f} s ago"


def count(number: float, noun: str, many: str = "") -> str:
    """`1 quote`, `1,200 quotes`."""
    return f"{number:,.0f} {noun if number == 1 else many or noun + 's'}"
