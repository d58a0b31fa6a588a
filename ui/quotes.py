"""Where a quote stands in its document's text."""

import re


def span_of(text: str, quote: str, line: int = 1) -> tuple[int, int] | None:
    """[start, end) of the occurrence nearest to `line` (from 1); blanks may differ. None when it is not there any more."""
    if not quote.strip():
        return None
    found = [match.span() for match in re.finditer(re.escape(quote), text)]
    if not found:
        words = r"\s+".join(re.escape(word) for word in quote.split())
        found = [match.span() for match in re.finditer(words, text)]
    return min(found, key=lambda span: abs(text.count("\n", 0, span[0]) + 1 - line), default=None)


def place_of(place: str) -> tuple[str, int, int | None]:
    """(path, line, page) of `path:line`, `path p. 3` or `path (slide 3):2`."""
    if match := re.fullmatch(r"(.*) p\. (\d+)(?::(\d+))?", place):
        return match[1], int(match[3] or 1), int(match[2])
    if match := re.fullmatch(r"(.*?) \((?:slide|sheet|chapter|message|page|file) .*\):(\d+)", place):
        return match[1], int(match[2]), None
    path, colon, line = place.rpartition(":")
    return (path, int(line), None) if colon and line.isdigit() else (place, 1, None)
