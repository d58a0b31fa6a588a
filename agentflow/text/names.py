"""The names in a text: what a claim must not change."""

import re
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from agentflow.text.fold import fold, unaccented, visible
from agentflow.text.numbers import MONTHS, numbers
from agentflow.text.plurals import singular
from agentflow.text.words import STOP, has_digit, stem

# Words that open a sentence, beside the stop words, and say nothing by themselves.
OPENERS = STOP | frozenset(
    """according additionally afterwards almost although among another anyone around based besides beyond compared
    consequently currently despite early either else even eventually every everyone everything except finally first firstly
    five four following furthermore given hence however indeed instead large last late lately later latter like likewise
    many meanwhile merely moreover much nearly neither never nevertheless next nobody none nonetheless nothing now often
    old one originally otherwise people perhaps previously rather recently regarding second secondly several shortly
    similarly since six small so somebody someone something sometimes somewhere still ten thereby therefore third though
    three throughout thus today together tomorrow toward towards two typically unless unlike unlikely upon usually various
    via water well whatever whenever whereas whether whoever within without yes yesterday yet""".split()
)
# What follows a name that opens a sentence, and seldom a bare common noun.
VERBS = frozenset(
    """is was has had does did will would can could may might must shall should said says wrote writes made makes became
    becomes led leads won wins took takes gave gives got gets went goes came comes began begins built bought sold held
    found left met ran runs saw told thought spoke stood knew lost paid put set sent kept grew fell rose drew chose
    who whose""".split()
)
COMMON = re.compile(r"(?:tion|sion|ment|ness|ity|ing|ance|ence|ency|ancy|ship|ism|ist|hood|age|ure|ology|ly|ed|[^s]s)$")
PEOPLE = re.compile(r"(?:[ie]an|ican|german|roman|norman)s?$")  # Italians are Italian; Roberts is not Robert
HONORIFICS = frozenset("mr mrs ms miss dr prof sir st herr frau".split())
TITLES = HONORIFICS | frozenset(
    """professor lord lady king queen prince princess emperor president chancellor minister
    senator governor mayor general colonel major captain lieutenant sergeant judge justice bishop pope saint rev
    father brother sister mother uncle aunt chairman chairwoman director engineer inspector""".split()
)
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_INITIAL = re.compile(r"[A-Z]\.(?=[ \u00a0]?[A-Z](?:\.|\w))")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Z]|\b(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|Rev|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|Hon|vs|cf|No))\.$"
)
_LINKS = frozenset("of de da do di del della van von der den du la le el al bin ibn zu zur zum".split())


class Name(NamedTuple):
    """One capitalised word. `opens`: a sentence begins with it; `joins`: only blanks or a link part it from the name before;
    `initial`: `J` of J. Smith."""

    word: str
    opens: bool
    joins: bool
    initial: bool


def names(text: str) -> set[str]:
    """Capitalised words that do not start a sentence, in the form for comparing."""
    return {name.word for name in capitals(text) if not name.opens}


def identifying(text: str) -> set[str]:
    """What tells one thing from another of its kind: names and numbers; not who asks, `How do I ...?`"""
    return (names(text) - {"i"}) | numbers(text)


def named(text: str) -> list[str]:
    """Capitalised words in the form for comparing, also the first of a sentence unless it is one that often opens some."""
    return [name.word for name in capitals(text) if not name.opens or name.word not in OPENERS]


def foreign_names(claim: str, sources: str) -> tuple[set[str], set[str]]:
    """Names of the claim that the sources do not tell: (certain, doubtful).

    A name is a capitalised word, or two side by side that the sources never join while they join one of them to another
    (`Maria Smith` where they tell of Maria Jones and Peter Smith). Doubtful is a word that may be capitalised only
    because the claim begins with it. No part of a longer word counts: Robert is not Roberts.
    """
    known, common = _known(sources)
    every = capitals(claim)
    found = [name for name in every if not name.initial]
    certain, doubtful = set[str](), set[str]()
    for at, name in enumerate(found):
        word = name.word
        if (
            word in known
            or word in HONORIFICS
            or stem(word) in common
            or (PEOPLE.search(word) and _other_number(word) in known)
        ):
            continue
        if not name.opens:
            certain.add(word)
        elif word not in OPENERS and not has_digit(word):
            follows = at + 1 < len(found) and found[at + 1].joins
            (certain if follows or _other_number(word) in known or _acts(claim, word) else doubtful).add(word)
    runs = name_runs(capitals(sources))
    return certain | _misjoined(found, runs) | _misnamed(every, runs), doubtful


def _other_number(word: str) -> str:
    return one if (one := singular(word)) != word else f"{word}s"


def capitals(text: str) -> list[Name]:
    """Every word that begins with a capital, in order."""
    text = visible(text)
    found: list[Name] = []
    end, linked = 0, False
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        if not match.group()[0].isupper():
            linked = linked and fold(match.group()) in _LINKS and not between.strip()
        else:
            word = unaccented(fold(match.group())).removesuffix("'s")
            opens = _opens(text[: match.start()], word)
            joins = (
                linked and "\n\n" not in between and between.strip() in ("", ".") and not (opens and between.strip())
            )
            found.append(Name(word, opens, joins, initial=_INITIAL.match(text, match.start()) is not None))
            linked = True
        end = match.end()
    return found


def _opens(before: str, word: str) -> bool:
    """Whether a sentence, or something that is set off like one, begins after `before` with `word`."""
    before = before.rstrip().rstrip("\"'“”‘’«»([*_#>|").rstrip()
    return (
        not before
        or before[-1] in "!?:;\u2022"
        or (before[-1] == "." and (word in STOP or not _ABBREVIATION.search(before)))
    )


def _known(sources: str) -> tuple[set[str], set[str]]:
    """Every word of the sources, and the stems of those that are written small; a date tells its month."""
    sources = visible(sources)
    known, common = set[str](), set[str]()
    for match in _WORD.finditer(sources):
        word = unaccented(fold(match.group()))
        parts = {word, word.removesuffix("'s"), *re.split(r"[-'.]", word)}
        known |= parts
        if match.group()[0].islower():
            common |= {stem(part) for part in parts}
    known |= {month for month in MONTHS if month[:3] in known or (month == "september" and "sept" in known)}
    known |= {month[:3] for month in MONTHS if month in known}
    for number in re.findall(r"\b\d{4}[-/.](\d{1,2})[-/.]\d|\b\d{1,2}[-/.](\d{1,2})[-/.]\d{4}", sources):
        at = int(number[0] or number[1])
        known |= {MONTHS[at - 1], MONTHS[at - 1][:3]} if 1 <= at <= 12 else set()
    return known, common


def _acts(claim: str, name: str) -> bool:
    """Whether the claim opens with a bare singular and a verb or a number, as in `Berta said` and `Hall 9`."""
    words = [unaccented(fold(word)) for word in _WORD.findall(visible(claim))]
    after = words[words.index(name) + 1] if name in words and words.index(name) + 1 < len(words) else ""
    possessive = f"{name}'s" in words
    return possessive or has_digit(after) or (not COMMON.search(name) and (after in VERBS or after.endswith("ed")))


def _misjoined(claim: list[Name], runs: list[list[str]]) -> set[str]:
    """Pairs of the claim of which the sources join each time one part to something else, and never the two."""
    after, before = _neighbours(runs)
    alone = {run[0] for run in runs if len(run) == 1}
    wrong = set[str]()
    for first, second in pairwise(claim):
        pair = (first.word, second.word)
        if not second.joins or first.word in OPENERS | TITLES or any({*pair} <= {*run} for run in runs):
            continue
        told = first.word in after or first.word in before or first.word in alone
        if (after[first.word] and first.word not in alone) or (
            told and before[second.word] and second.word not in alone
        ):
            wrong.add(" ".join(pair))
    return wrong


def _misnamed(claim: list[Name], runs: list[list[str]]) -> set[str]:
    """`J. Smith` where the sources know only other first names of Smith."""
    _, before = _neighbours(runs)
    return {
        f"{first.word} {second.word}"
        for first, second in pairwise(claim)
        if first.initial
        and not first.joins
        and not second.initial
        and second.joins
        and before[second.word]
        and not any(word[0] == first.word for word in before[second.word])
    }


def _neighbours(runs: list[list[str]]) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
    """For each name the words that stand right after it, and those that stand before it, in a run."""
    after, before = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for run in runs:
        for at, word in enumerate(run):
            before[word] |= {*run[:at]}
            if at + 1 < len(run):
                after[word].add(run[at + 1])
    return after, before


def name_runs(names: list[Name]) -> list[list[str]]:
    runs: list[list[str]] = []
    for name in names:
        if name.joins and runs:
            runs[-1].append(name.word)
        else:
            runs.append([name.word])
    return runs
