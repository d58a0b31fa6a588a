"""A follow-up question put by rule so that it can be looked up alone: "and who may read it?" after a question about the
audit log becomes "who may read the audit log?"."""

import re
from collections.abc import Callable, Sequence

from agentflow.research.question.direct import FEW, STARTS
from agentflow.research.question.pronouns import refers, within
from agentflow.text.words import STOP, content_words, coverage

ENOUGH = 6  # content words with which a pronoun most likely means something in the question itself
LONGEST = 8  # words of a topic
SHORT = 6  # words of an answer that may be the name that a pronoun stands for
LEAD = re.compile(r"^(?:(?:and|but|or|so|then|also|now|ok|okay)\b[\s,]*)+", re.IGNORECASE)
ABOUT = re.compile(r"^(?:(?:what|how) about|what of)\s+", re.IGNORECASE)
BARE = re.compile(r"^(?:why|how|since when|where|when|who)(?: so| not)?\W*$", re.IGNORECASE)
PLACED = re.compile(r"^(?:in|at|on|for|by|before|after|since|during|under|with|to|from|until|between)\b", re.IGNORECASE)
PERSON = re.compile(r"\b(?:(he|she|him|hers|her(?!\s+\w))|(his|her))\b", re.IGNORECASE)
THING = re.compile(r"\b(?:(it|they|them|this|these|those|there|that)|(its|their))\b", re.IGNORECASE)
PHRASE = re.compile(r"\b(?:the|a|an|our|each|every|this|these|those)\s+\w", re.IGNORECASE)
NAMES = re.compile(r"\b(?:[Tt]he|[Aa]n?|[Oo]ur)\s+\w{2,}|\s[A-Z]\w|\s\w*\d")
ARTICLES = {"the", "a", "an", "our", "this", "these", "those"}
WORD = re.compile(r"[\w’'-]+")


def points_back(question: str, read: str = "") -> bool:
    """Whether it cannot be understood without the question before it. `read` is what that one was answered from: a short
    question that names a thing (`who signed the lease?`) stands by itself where that does not speak of it."""
    count = len(content_words(question))
    if LEAD.match(question) or ABOUT.match(question) or (count < ENOUGH and refers(question)):
        return True
    if count >= FEW:
        return False
    own = count > 0 and STARTS.match(question) and NAMES.search(question)
    return not own or coverage(question, read) == 1


def standalone(question: str, before: str, topic: str, answer: str, read: str = "") -> str:
    """`before` is the question it follows, `topic` what that one is about, `read` the documents that answered it. As it is
    when it does not point back."""
    if not points_back(question, read):
        return question
    own = LEAD.sub("", question).strip(" ?.!") or question
    before = before.strip(" ?.!")
    if BARE.match(own):
        return f"{own}: {before}?"
    if not STARTS.match(own) or ABOUT.match(own):
        return f"{_instead(ABOUT.sub('', own), before, topic)}?"
    name = answer.strip(" .") if answer[:1].isupper() and len(answer.split()) <= SHORT else ""
    put = named(own, topic, name or topic)
    return f"{put}?" if put != own or topic.lower() in own.lower() else f"{own} ({topic})?"


def named(question: str, thing: str, person: str = "") -> str:
    """The first pronoun gives way to what it means: one of a person to `person`, else one of a thing to `thing`."""
    put = _put(PERSON, question, person or thing)
    return put if put != question else _put(THING, question, thing)


def _instead(own: str, before: str, topic: str) -> str:
    """`and the backups?` asks the same of something else, `and in 2019?` of another time or place."""
    at = before.lower().find(topic.lower())
    if PLACED.match(own) or at < 0:
        return f"{before} {own}" if PLACED.match(own) else f"{before}: {own}"
    return before[:at] + own + before[at + len(topic) :]


def _put(pronoun: re.Pattern[str], question: str, phrase: str) -> str:
    """The first pronoun gives way to the phrase, one that possesses to its genitive."""
    found = next((each for each in pronoun.finditer(question) if not within(each, question)), None)
    if found is None:
        return question
    put = phrase if found[1] else f"{phrase}'s"
    return f"{question[: found.start()]}{put}{question[found.end() :]}"


def topic_of(question: str, quotes: Sequence[str]) -> str:
    """What a question is about: the longest run of its words that stands in a quote as well; without one, its first
    noun phrase; at least its words that carry meaning."""
    held = [f" {' '.join(WORD.findall(quote.lower()))} " for quote in quotes]
    if shared := longest_run(question, lambda run: any(f" {run} " in text for text in held)):
        return " ".join(shared)
    if found := PHRASE.search(question):
        first, *rest = WORD.findall(question[found.start() :])
        end = next((place for place, word in enumerate(rest) if word.lower() in STOP), len(rest))
        return " ".join([first, *rest[: min(end, 4)]])
    return " ".join(word for word in WORD.findall(question) if word.lower() not in STOP) or question


def longest_run(question: str, stands: Callable[[str], bool]) -> list[str]:
    """The words in a row that say most and of which `stands` is true, in lower case; empty when there are none."""
    asked = WORD.findall(question)
    runs = [_trimmed(asked[i:j]) for i in range(len(asked)) for j in range(i + 1, min(len(asked), i + LONGEST) + 1)]
    said = sorted((run for run in runs if run), key=weight, reverse=True)
    return next((run for run in said if stands(" ".join(run).lower())), [])


def weight(run: Sequence[str]) -> tuple[int, int]:
    """Its words that carry meaning, then all."""
    return sum(word.lower() not in STOP for word in run), len(run)


def _trimmed(run: Sequence[str]) -> list[str]:
    """Without stop words at its ends, but for an article before it; empty for stop words alone."""
    words = list(run)
    while words and words[-1].lower() in STOP:
        words.pop()
    while (
        words
        and words[0].lower() in STOP
        and not (words[0].lower() in ARTICLES and len(words) > 1 and words[1].lower() not in STOP)
    ):
        words.pop(0)
    return words
