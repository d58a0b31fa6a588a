"""Content words: what two texts must share before one can be said to support the other."""

import re

from agentflow.text.fold import fold, unaccented
from agentflow.text.scripts import RUN, SIGNS, groups

STOP = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but by can"
    " could did do does doing done down during each few for from further had has have having he her here hers him his how i"
    " if in into is it its itself just many may me might more most much must my no nor not of off on once only or other our out over own"
    " same shall she should so some such than that the their them then there these they this those through to too under until"
    " up very was we were what when where which while who whom whose why will with would you your"
    # of German those that are no English words
    " auf aus bei das dass dem des ein eine einem einen einer eines für ich ihr ist nach oder sich sind und vom von wann welche welcher"
    " welches wer wie wir wo zu zum zur der".split()
)
ESCAPED = re.compile("[\udc80-\udcff]+")  # how Python hands on bytes that are no UTF-8
_LETTER = rf"[\w{SIGNS}]"
_WORD = re.compile(rf"(?:(?<![^\s(\[])-(?=\d))?{_LETTER}+(?:[.'-]{_LETTER}+|(?<=\d),(?=\d){_LETTER}+)*")
FAMILY = 5  # letters
_JOINT = re.compile("[-_]")
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly")


def legible(text: str) -> str:
    """Text that can be stored and sent: bytes that were no UTF-8 are read as Windows-1252, other half characters marked."""
    return ESCAPED.sub(_unescaped, text).encode("utf-8", "replace").decode()


def _unescaped(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def words(text: str) -> list[str]:
    """Words in the form for comparing; `3.12`, `1,310`, `-5`, `05-Jul-2001` and `don't` stay whole.

    A script that sets no blanks gives groups of its letters (see agentflow.text.scripts).
    """
    return _WORD.findall(RUN.sub(_spaced, unaccented(fold(text))))


def _spaced(run: re.Match[str]) -> str:
    return f" {' '.join(groups(run[0], ends=False))} "


def stem(word: str) -> str:
    """Cuts common English endings, so that `created` meets `creates`; words with digits stay whole."""
    if has_digit(word):
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def content_words(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, with repetitions; `release-date`, `max_files` and `GPLv3-licensed` count
    as two words, `covid-19` as one."""
    return [stem(part) for word in words(text) for part in _parts(word) if part not in STOP]


def _parts(word: str) -> list[str]:
    parts = [part for part in _JOINT.split(word) if part]
    return [word] if any(not part[0].isalpha() for part in parts) else parts


def whole_words(stems: str, said: str) -> str:
    """A search by stems as a person reads it: each stem as the first word of `said` that has it."""
    parts = [part for word in words(said) for part in _parts(word)]
    known = {stem(part): part for part in reversed(parts)} | {part: part for part in parts}
    return re.sub(r"\w+", lambda match: known.get(match[0], match[0]), stems)


def families(text: str) -> set[str]:
    """What the content words begin with: `created` and `creation` are of one family."""
    return {word[:FAMILY] for word in content_words(text)}


def has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def coverage(claim: str, sources: str) -> float:
    """Share of the claim's content words that the sources contain, 0..1; 1 for a claim without any."""
    wanted = content_words(claim)
    known = set(content_words(sources))
    return sum(word in known for word in wanted) / len(wanted) if wanted else 1.0
