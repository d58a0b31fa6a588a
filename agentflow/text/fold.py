"""One form of a text for comparing and finding words: what a reader takes for the same letters is the same.

Nothing that is quoted is ever stored in this form.
"""

import re
import unicodedata

# Seen by no reader: soft hyphen, zero-width blanks and joiners, direction marks, variation selectors, byte-order mark.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]"
)  # vowels that may be left unwritten
RAISED = re.compile(
    r"(?:(?<=\d)|(?<=[^\W\d_]{3}))(?=[⁰¹²³⁴-⁹])"
)  # a power or the mark of a footnote, no part of the word
MARKS = str.maketrans("’ʼ＇‐‑−", "'''---")


def visible(text: str) -> str:
    """Composed letters, ligatures and full-width forms resolved, invisible characters dropped."""
    return (
        text
        if text.isascii()
        else unicodedata.normalize("NFKC", RAISED.sub(" ", UNSEEN.sub("", text))).translate(MARKS)
    )


def fold(text: str) -> str:
    """The visible text in lower case, without the vowel points of Hebrew and Arabic."""
    text = visible(text)
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", POINTS.sub("", text).casefold())


def unaccented(text: str) -> str:
    """Latin, Greek and Cyrillic letters without their accents; vowel signs of other scripts stay."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(mark for mark in parts if not "\u0300" <= mark <= "\u036f"))
