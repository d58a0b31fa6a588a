"""Words at the ends of lines: which were broken there, and which have a hyphen of their own."""

import re
from collections.abc import Iterable

END = re.compile(r"(?P<head>[^\W\d_]+)[-‐\u00ad]$")
WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
# First parts of compounds that are written with a hyphen.
FIRST = frozenset(
    "all anti best built co cost cross deep double down eco ex fast fire first five four free front full good half hand hard"
    " high home ill in kind land large life light long low market mid middle mild much multi near new non north off old on"
    " one open out over part post pre pro quasi real right road rural sea second self semi short single six slow small so"
    " soft south state sub ten third three time top trans two ultra under up user vice water well west wide wind world year"
    " energy health data decision evidence policy science income carbon cloud context".split()
)
PREFIXES = frozenset(
    "co in on out over sub pre pro trans under up down off multi anti post semi so all new one".split()
)
ELISION = frozenset("und oder bzw bis sowie and or to et ou y o e".split())  # `Vor- und Nachteile`


def words(texts: Iterable[str]) -> frozenset[str]:
    """What a document writes within its lines, in small letters, without the halves at their ends."""
    found: set[str] = set()
    half = False
    for text in texts:
        end = END.search(text)
        whole = WORD.findall(text[: end.start()] if end else text)
        found.update(word.lower().replace("‐", "-") for word in (whole[1:] if half else whole))
        half = end is not None
    return frozenset(found)


def mended(lines: list[str], known: frozenset[str]) -> list[str]:
    """The lines with each word that runs over a line end whole on the first line; `known` are the document's words."""
    found: list[str] = []
    for line in lines:
        end = END.search(found[-1]) if found else None
        tail = WORD.match(line)
        if end is None or tail is None or not tail[0][0].islower() or tail[0].lower() in ELISION:
            found.append(line)
            continue
        token, _, rest = line.partition(" ")
        stem = found[-1][: end.end("head")]
        found[-1] = f"{stem}{'' if broken(end['head'], tail[0], known) else '-'}{token}"
        found.append(rest)
    return found


def broken(head: str, tail: str, known: frozenset[str]) -> bool:
    """By how the document writes the word elsewhere, else by its first part."""
    head, tail = head.lower(), tail.lower()
    if f"{head}{tail}" in known or f"{head}-{tail}" in known:
        return f"{head}{tail}" in known
    if head in PREFIXES:
        return tail not in known
    return head not in FIRST and not (len(head) > 3 and head in known and tail in known)
