"""English plurals, by their form: `shifts` and `APIs`, not `bus`, `status`, `his` and `class`."""

import re

PLURAL = r"\w{2,}(?-i:(?<![siu]))s\b"
_PLURAL = re.compile(rf"{PLURAL}$")


def singular(word: str) -> str:
    """Without its s; any other word as it is."""
    return word[:-1] if _PLURAL.search(word) else word
