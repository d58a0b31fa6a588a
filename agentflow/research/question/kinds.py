"""What kind of thing a question asks for, as far as its words tell for certain: an answer of another kind is none."""

import re

from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers.lines import field_of
from agentflow.corpus.terms import numbered
from agentflow.text.numbers import A_YEAR, MONTHS, SPELLED, numbers
from agentflow.text.plurals import singular
from agentflow.text.words import STOP, coverage, families, words

LINK = re.compile(
    r"\b(?:urls?|hyperlinks?|web ?address(?:es)?|(?:give|tell)(?: me)? (?:the|a) link|(?:which|what)(?: \w+)? link\b(?!.*\bbetween)"
    r"|address of the (?:message|thread|post|page|announcement|site)|where\b.*\bonline)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"://|\bwww\.|\w\.(?:com|org|net|edu|gov|io|de|fr|uk)\b")
COUNT = re.compile(
    r"^(?:share|proportion|percentage|fraction) of\b|\b(?:how many|how much|how old|what (?:percent\w*|(?:share|proportion|fraction) of)|(?:which|what) year|(?:which|what)(?: \w+)? version|(?:which|what) (?:exit|status) code)\b",
    re.IGNORECASE,
)
MANY = re.compile(
    r"\bhow many (?!percent|%|euros?\b|dollars?\b|pounds?\b|[kMGT]?B\b|\w*(?:bytes|grams|meters|metres|seconds)\b)",
    re.IGNORECASE,
)
MEASURED = re.compile(
    r"\W*[\d.,]+ ?(?:%|€|[$£]|EUR|USD|GBP|CHF|euros?|dollars?|pounds?|percent|[kMGT]?B|[kM]?b|bp|[kcmnµ]?m|[kmµ]?g|[mµn]?s|[kMG]?Hz|°\w?)\W*"
)
TIME = re.compile(
    r"\D*\d[\d.,]*(?:\s*(?:-|–|to|and|or)\s*\d[\d.,]*)?[\s-]*(?P<unit>seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(
    r"\bhow (?:much|many|high|large|heavy|expensive|long|far)\b(?!.*\b(?:date|day|when)\b)", re.IGNORECASE
)
EMAIL = re.compile(r"\be-?mail (?:address|addy)\b", re.IGNORECASE)
NAMED = re.compile(r"\b(?:what|which) (?:colou?r|make|model|brand|name|kind|sort|type|shape)s?\b", re.IGNORECASE)
WHERE = re.compile(r"\W*(?:(?:so|and|but)\W+)?where\b(?!.*\b(?:when|how)\b)", re.IGNORECASE)
UNTIL = re.compile(r"(?:until|till|to|by|bis)\b", re.IGNORECASE)
IN_YEAR = re.compile(rf"\b(?:in|since|of|by|until|{'|'.join(MONTHS)}) {A_YEAR}\b", re.IGNORECASE)
THING = re.compile(r"\b(?:which|what|name the)(?: older| newer| other)? ([^\W\d_]+)", re.IGNORECASE)
ALL = re.compile(
    r"all (?:of )?(?:the |its |your |our |their |these )?[^\W\d_]+$", re.IGNORECASE
)  # of what: that is asked
EXTENT = re.compile(r"\bhow (?:long|far|often)\b", re.IGNORECASE)
BARE = re.compile(r"\d[\d.,]*")
UNIT = (
    r"(?:%|percent|[mµn]?s|secs?|seconds?|milliseconds?|mins?|minutes?|h|hours?|days?|nights?|weeks?|months?|years?|decades?|centuries|times?|characters?"
    r"|chars?|words?|letters?|lines?|pages?|tokens?|[kMGT]?i?b(?:ytes?)?|[kcm]?m|met(?:er|re)s?|kilomet(?:er|re)s?|miles?|feet|ft|inch(?:es)?|yards?|requests?|steps?|runs?)"
)
VERSION_OF = re.compile(
    r"\b(?i:which|what) (?:(?P<before>[A-Z][\w.+#-]*) versions?|versions? of (?P<behind>[A-Z][\w.+#-]*))\b"
)
A_VERSION = re.compile(r"\b(?:which|what)(?: [\w.+#-]+)? (?:versions?|releases?)\b", re.IGNORECASE)
POINTED = re.compile(r"\d+(?:\.\d+)+")
ROUGHLY = {"no", "none", "half", "both", "few", "several", "many", "most", "all", "hundreds", "thousands", "millions"}


def unfit(question: str, answer: str, source: str) -> str:
    """What the answer lacks to be of the kind asked for, in words; empty when it may be. `source` is the title of its
    document: where `PEP 8` is one, `Which PEP ...?` asks for a number."""
    if LINK.search(question) and not ADDRESS.search(answer):
        return "it is no link"
    if MANY.search(question) and (MEASURED.fullmatch(answer) or is_time(question, answer)):
        return "it measures and does not count"
    if AMOUNT.search(question) and len(answer.split()) < 4 and not UNTIL.match(answer) and date_of_text(answer):
        return "it is a date"
    if EMAIL.search(question) and "@" not in answer:
        return "it is no e-mail address"
    if NAMED.search(question) and (MEASURED.fullmatch(answer) or BARE.fullmatch(answer.strip())):
        return "it is a number"
    if WHERE.match(question) and is_number(answer):
        return "it is a number and no place"
    told = bool(numbers(IN_YEAR.sub("", answer) if MANY.search(question) else answer)) or any(
        word in SPELLED or word in ROUGHLY for word in words(answer)
    )
    if MANY.search(question) and ALL.match(answer):
        told = coverage(answer, question) == 1.0
    return "" if told or not (COUNT.search(question) or asks_by_number(question, source)) else "it tells no number"


def is_number(answer: str) -> bool:
    """Whether it has a number and no other word: `19 or below`, but no `4.2` and no `127.0.0.1`, which are places."""
    told = [word for word in words(answer) if word not in STOP]
    return bool(told) and all(word.isdigit() or word in SPELLED for word in told)


def is_time(question: str, answer: str) -> bool:
    """Whether the first number of the answer tells years, days or the like, `18 to 25 years old`, for which is not asked."""
    found = TIME.match(answer)
    return found is not None and not families(found["unit"]) & families(question)


def of_another_kind(question: str, answer: str, sentence: str, source: str) -> str:
    """The kind of thing asked for, `Which PEP`, when the answer is a number with a point and its sentence does not name the
    kind, as `Python-Version: 3.7` does not; `version` when its sentence has the number of another thing, `PEP 345`; else empty."""
    if A_VERSION.search(question) and 0 < len(answer.split()) < 3:
        things = {thing for thing, number in map(str.split, numbered(sentence)) if number == answer.split()[-1]}
        return "version" if things and not things & {*words(question), "version", "release"} else ""
    if not POINTED.fullmatch(answer.strip()) or not asks_by_number(question, source):
        return ""
    nouns = THING.findall(question)
    return "" if any(families(noun) <= families(sentence) for noun in nouns) else str(nouns[0])


def measures_nothing(question: str, answer: str, sentence: str) -> bool:
    """Whether how long, far or often is answered by a bare number which the sentence gives no unit: a code, a port."""
    if not EXTENT.search(question) or not BARE.fullmatch(answer.strip()) or field_of(sentence):
        return False
    return not re.search(
        rf"(?<![\w.]){re.escape(answer.strip())}[\s`*-]*(?:\w+[\s-]+)?{UNIT}\b", sentence, re.IGNORECASE
    )


def of_another_name(question: str, text: str) -> str:
    """The name that a version is asked of, `Which Python version`, when the text does not have it; else empty."""
    asked = VERSION_OF.search(question)
    name = (asked["before"] or asked["behind"] or "") if asked else ""
    return "" if not name or families(name) <= families(text) else name


def asks_by_number(question: str, source: str) -> bool:
    """Whether it asks for a thing that the question or the title tells from others of its kind by a number."""
    kinds = {pair.split()[0] for pair in numbered(f"{question} ; {source}")}
    return any({noun.lower(), singular(noun.lower())} & kinds for noun in THING.findall(question))
