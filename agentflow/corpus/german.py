"""Beginnings of German words: `Mühlen` finds `Mühle`, `Städte` finds `Stadt` and `Stadtwald`.

The word index holds stems of English. German endings are taken off here, and what is left may go on in any way.
"""

import re

from agentflow.text.fold import fold, unaccented
from agentflow.text.languages import KNOWN, WORD, language_of

ENDING = re.compile(r"(?:innen|ern|em|en|er|es|e|n|s)$")
LEAST = 4  # letters of a beginning


def beginnings(query: str) -> list[str]:
    """Of the words of a German question, folded and without accents; none of a question in another language."""
    if language_of(query) != "de":
        return []
    words = (word for word in WORD.findall(fold(query)) if word not in KNOWN["de"])
    found = (unaccented(ENDING.sub("", word)) for word in words)
    return list(dict.fromkeys(beginning for beginning in found if len(beginning) >= LEAST))
