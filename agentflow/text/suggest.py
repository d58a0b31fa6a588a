"""What a person may have meant."""

from collections.abc import Collection
from difflib import get_close_matches


def closest(word: str, known: Collection[str]) -> str:
    """The known word most like `word`; empty when none is."""
    close = get_close_matches(word, sorted(known), n=1)
    return close[0] if close else ""


def suggest(word: str, known: Collection[str]) -> str:
    """`did you mean 'x'? known: ...`"""
    listed = f"known: {', '.join(sorted(known)) or 'none'}"
    close = closest(word, known)
    return f"did you mean '{close}'? {listed}" if close else listed
