"""Mistyped words of a question, put right by the words of the documents: `pasport` is their `passport`."""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from agentflow.context import Context
from agentflow.corpus.search.rarity import holders
from agentflow.corpus.store import Corpus
from agentflow.research.question.direct import STARTS, direct
from agentflow.text.languages import language_of
from agentflow.text.words import STOP

if TYPE_CHECKING:
    from spellchecker import SpellChecker

LOOKED_AT = 20  # passages
LEAST = 5  # letters; a shorter word is near too many others, unless two of its letters are swapped
WORD = re.compile(
    r"(?<![\w./@'’-])[a-z]{3,}(?![\w/@'’-]|\.\w)"
)  # in lower case: a name in capitals was typed with care
HURRIED = dict(
    pair.split("/") for pair in "wat/what wats/what's wen/when wich/which hw/how dose/does dosent/doesn't".split()
)
DERIVED = re.compile(r"([a-z]{4,}?)(?:e?rs?|ors?|able|ness|less|ly|ish|wise|ing|ed|(?<=e)d|e?s)")
BEGINS = re.compile(rf"\W*(?:{STARTS.pattern}\W+)?$", re.IGNORECASE)


def plainly(context: Context, question: str) -> str:
    """The question as one would put it who has time. A note tells of another spelling."""
    spelled = respelled(context.corpus, question)
    if spelled != question:
        context.note(f"the question was read as {spelled!r}")
    return direct(spelled)


def respelled(corpus: Corpus, question: str) -> str:
    """The question with its mistyped words as the documents spell them; a word that they do not hold stays where it is an
    English one, or where they hold none that differs by one letter. English alone has a dictionary."""
    if language_of(question) != "en":
        return question
    return WORD.sub(lambda found: _right(corpus, found), question)


def _right(corpus: Corpus, found: re.Match[str]) -> str:
    word, before, after = found[0], found.string[: found.start()], found.string[found.end() :]
    if word in HURRIED and BEGINS.fullmatch(before):
        return HURRIED[word]
    if word in STOP or dictionary().known([word]) or is_written(corpus, word):
        return word
    if word.endswith("nt") and dictionary().known([short := f"{word[:-1]}'t"]):
        return short
    base = DERIVED.fullmatch(word)
    if base and dictionary().known([base[1]]):
        return word  # an English word that the dictionary leaves out, `funder`
    others = {
        other for other in dictionary().edit_distance_1(word) if len(word) >= LEAST or sorted(other) == sorted(word)
    }
    english = dictionary().known(others)
    near = [
        other
        for other in others
        if other in STOP or (other in english and holders(corpus, other)) or is_written(corpus, other)
    ]
    left, right = re.search(r"[\w']+(?=\W*$)", before), re.search(r"\w[\w']*", after)
    beside = [f"{left[0]} {{}}"] if left else []
    beside += [f"{{}} {right[0]}"] if right else []
    return max(sorted(near), key=lambda other: _likely(corpus, word, other, beside), default=word)


def _likely(corpus: Corpus, word: str, other: str, beside: Iterable[str]) -> tuple[int, bool, bool, int]:
    """By the passages that hold it beside its neighbours, then two letters swapped, a common word, the passages that hold it."""
    together = sum(holders(corpus, pattern.format(other)) > 0 for pattern in beside)
    return together, sorted(other) == sorted(word), other in STOP, holders(corpus, other)


def is_written(corpus: Corpus, word: str) -> bool:
    """Whether the documents have it in this very form; the index of words holds stems."""
    sql = "SELECT text FROM chunks WHERE id IN (SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ? LIMIT ?)"
    held = corpus.rows(sql, [f'"{word}"', LOOKED_AT])
    return any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for (text,) in held)


@cache
def dictionary() -> "SpellChecker":
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)
