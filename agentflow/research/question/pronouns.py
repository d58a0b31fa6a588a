"""Which pronouns of a question mean something outside it, and which mean a word of the question itself or nothing at all."""

import re

from agentflow.research.question.direct import POINTS_BACK
from agentflow.text.words import STOP

EMPTY = re.compile(  # after `it`: `is it allowed to park here?`
    r"\s+(?:takes?|took|costs?|allowed|permitted|possible|forbidden|prohibited|legal|illegal|lawful|necessary|required|safe|worth|ok"
    r"|okay|fine|better|best|easy|hard|mandatory|compulsory|true|useful|common|usual)\b",
    re.IGNORECASE,
)
SAYS = re.compile(  # before `that`: a clause follows, as in `does Smith say that hedges help?`
    r"\b(?:sa(?:y|ys|id)|stat(?:es?|ed)|claim(?:s|ed)?|report(?:s|ed)?|show(?:s|ed|n)?|f(?:inds?|ound)|argu(?:es?|ed)|agree[sd]?"
    r"|suggest(?:s|ed)?|means?|meant|confirm(?:s|ed)?|th(?:inks?|ought)|believe[sd]?|conclude[sd]?|require[sd]?|prove[sdn]?"
    r"|recommend(?:s|ed)?|assume[sd]?|ensure[sd]?|know[sn]?|so|such|sure)\s+$",
    re.IGNORECASE,
)
NOUN = re.compile(  # the word before `that` in `the tenant that left`
    r"\b(?:the|an?|any|every|each|all|which)\s+\w+\s+$", re.IGNORECASE
)
NOW = re.compile(r"\s+(?:year|month|week|quarter|season|morning|evening|days)\b", re.IGNORECASE)
NAMED = re.compile(r"\b(?:the|an?|any|every|each|all|many|some|most|our|which)\s+(?:\w+\s+)??(\w{3,})", re.IGNORECASE)
PERSON = re.compile(r"\s[A-Z]\w+")


def refers(question: str) -> bool:
    """Whether one of its pronouns means something that was said before."""
    return any(not within(found, question) for found in POINTS_BACK.finditer(question))


def within(pronoun: re.Match[str], question: str) -> bool:
    """Whether it means something in the question: `who lost their keys?`, `the tenant that left`, `is it allowed to park?`"""
    before, after, word = question[: pronoun.start()], question[pronoun.end() :], pronoun[0].lower()
    match word:
        case "it":
            return bool(EMPTY.match(after))
        case "that":
            return bool(SAYS.search(before) or NOUN.search(before)) and bool(re.match(r"\s+\w", after))
        case "this" | "these":
            return bool(NOW.match(after))
        case "its" | "their":
            return _names(before)
        case "his" | "her":
            return _names(before) or bool(PERSON.search(before))
        case "they" | "them":
            return _names(before, "s")
    return False


def _names(text: str, ending: str = "") -> bool:
    return any(found[1].lower() not in STOP and found[1].endswith(ending) for found in NAMED.finditer(text))
