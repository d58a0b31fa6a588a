"""What the word index holds of a text, and what is looked for: one form on both sides, whatever the script.

Scripts that set no blanks, and Korean with its particles, are indexed by overlapping groups of letters: nothing has to
know where a word ends. Identifiers (`3.4.5`, `PEP-8`, `2024-03-05`) are looked for as their parts in a row. Stored text and
quotes are never touched by this.
"""

import re
from collections.abc import Iterator

from agentflow.text.fold import fold
from agentflow.text.scripts import HAN, RUN, SIGNS, WRAPPED, group_size, groups

VERSION = 3  # raise it when `indexed` changes: the word index of an older version is then rebuilt

BROKEN = re.compile(r"([^\W\d_]{2,})[-\u2010\u00ad][ \t]*\n\s*([^\W\d_]{2,})")  # a word parted at the end of a line
WORD = re.compile(rf"[\w{SIGNS}]+(?:[.,:/'-][\w{SIGNS}]+)*")
PART = re.compile(rf"[\w{SIGNS}]+")
IDENTIFIER = re.compile(r"(?=[^\W_]*[.-]?[^\W_]*\d)[^\W_]+(?:[.-][^\W_]+)+")  # 3.4.5, PEP-8, 2024-03-05
NUMBERED = re.compile(r"([^\W\d_]{2,}) (\d+)(?![\w.,:/-]*\d)")
VERSIONED = re.compile(r"\b(v|ver|version|rev|release)\.?(?=\d+(?:\.\d+)+)")  # v3.4.5 is 3.4.5
LONE = re.compile(f"(?<![{HAN}])[{HAN}](?![{HAN}])")  # a Japanese word of one letter, between kana
JOINT = "\ue000"  # a letter for FTS5, of no script
LETTERS_DIGITS = re.compile(r"([^\W\d_]{2,})(\d+)")
# Words that say nothing about the subject of a question.
STOP = frozenset(
    """a about after all also am an and any are as at be been being but by can could did do does doing for from had has
    have having he her hers him his how i if in into is it its itself many may me might much my of on or our ours out over shall
    she should so some such than that the their theirs them then there these they this those to under until up us very
    was we were what when where which while who whom whose why will with would you your yours""".split()
)


def indexed(text: str) -> str:
    """The text as the word index reads it. A word that is broken at a line's end is there broken and whole, an identifier
    in its parts and as one word; letters of a script without blanks go on in the next line."""
    whole = BROKEN.sub(lambda match: f"{match[1]} {match[2]} {match[1]}{match[2]}", WRAPPED.sub("", text))
    folded = IDENTIFIER.sub(lambda match: f"{match[0]} {_joint(match[0])}", VERSIONED.sub(r"\1 ", fold(whole)))
    return RUN.sub(lambda run: f" {' '.join(groups(run[0], ends=True))} ", folded)


def unbroken(text: str) -> str:
    """The text without blanks and line ends, to see whether another is the same."""
    return "".join(fold(BROKEN.sub(r"\1\2", text)).split())


def _joint(identifier: str) -> str:
    return re.sub(r"[.-]", JOINT, identifier)


def query_terms(query: str) -> list[str]:
    """The distinct words, identifiers and groups of letters to look for, without stop words unless there are no others."""
    found: list[str] = []
    for match in WORD.finditer(RUN.sub(" ", folded := VERSIONED.sub(" ", fold(query)))):
        found += _terms(match.group())
    found += [group for run in RUN.findall(folded) for group in groups(run, ends=False)]
    found += LONE.findall(folded)
    terms = list(dict.fromkeys(found))
    return [term for term in terms if term not in STOP] or terms


def numbered(query: str) -> list[str]:
    """Words with the number after them, as phrases: `Thorne 8`, `section 5`. Where many rows hold the number and
    many the word, the row that is meant has the two in a row."""
    pairs = NUMBERED.findall(fold(query))
    return list(dict.fromkeys(f"{word} {number}" for word, number in pairs if word not in STOP))


def _terms(word: str) -> Iterator[str]:
    parts = PART.findall(word)
    if len(parts) == 1:
        yield word
    elif any(mark.isdigit() for mark in word):
        yield word
        yield from (part for part in parts if part.isalpha() and len(part) > 2)
        if "-" in word:
            yield from (part for part in parts if part.isdigit() and len(part) > 3)
    else:
        yield from parts


def forms_of(term: str) -> tuple[list[str], bool]:
    """What the term may stand as, words in a row; and whether the last one may go on (letters of a script without
    blanks, fewer than the index groups)."""
    if RUN.fullmatch(term):
        return [term], len(term) != group_size(term)
    forms = [" ".join(PART.findall(term))]
    if IDENTIFIER.fullmatch(term):
        forms.append(_joint(term))
    if match := LETTERS_DIGITS.fullmatch(term):  # PEP8 is PEP-8
        forms.append(f"{match[1]} {match[2]}")
    elif LETTERS_DIGITS.fullmatch(joined := term.replace("-", "")) and joined != term:
        forms.append(joined)
    elif term.isdigit() and len(term) > 3:  # 1310 is 1,310
        forms.append(f"{int(term):,}".replace(",", " "))
    elif re.fullmatch(r"\d{1,3}(,\d{3})+", term):
        forms.append(term.replace(",", ""))
    return forms, False


def expression(term: str) -> str:
    """The term in FTS5's query language."""
    forms, goes_on = forms_of(term)
    return " OR ".join(f'"{form}"' for form in forms) + ("*" if goes_on else "")
