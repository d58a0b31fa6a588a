"""File names as they are stored and shown: one line of printable text from which the name on disk can be made again.

Every byte that is no UTF-8 and every character that acts instead of showing (line ends, escapes, direction marks)
stands as `\\xNN`, byte by byte; the name on disk follows from it without loss.
"""

import os
import re

# Neither the joiners (U+200C, U+200D), which Persian and Indic names need, nor blanks of any width.
ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
    r"|\\(?=x[0-9a-f]{2})"  # a backslash that would read as one of ours
)
ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


def stored_name(name: str) -> str:
    """As the corpus stores it and everybody shows it."""
    return ACTING.sub(lambda found: "".join(f"\\x{byte:02x}" for byte in _bytes(found[0])), name)


def _bytes(char: str) -> bytes:
    """Of one character; half a surrogate pair, which no file name holds but a program may ask for, has bytes too."""
    return os.fsencode(char) if "\udc80" <= char <= "\udcff" else char.encode("utf-8", "surrogatepass")


def name_on_disk(stored: str) -> str:
    """The name that `stored_name` was given."""
    raw = ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), os.fsencode(stored))
    return os.fsdecode(raw)
