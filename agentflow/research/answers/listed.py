"""Completes what a model copied in part: the first entries of a list, the year of a date, the text of a link."""

import re

from agentflow.corpus.readers.lines import field_of
from agentflow.research.question.kinds import ADDRESS, LINK
from agentflow.research.question.planning import may_be_several, wants_explanation
from agentflow.text.numbers import A_DAY, MONTHS, numbers
from agentflow.text.plurals import PLURAL
from agentflow.text.words import families, words

NAMES_SEVERAL = re.compile(
    rf"(?:.*[:,] )?(?:which|what) (?:\w+ )?(?!(?:has|was|does)\b){PLURAL}(?! (?:is|was|does|has)\b)",
    re.IGNORECASE,
)
FEW = 4  # words of an entry
LONGEST = 300  # characters of a list that a person reads as an answer
NEXT = re.compile(r"\s*(?:<[^>]*>|\([^)]*\))?\s*[,;]")  # what stands between two of a list
URL = r"\w+://[^\s<>`\"'\])]*[\w/]"
WROTE = re.compile(r"\b(?:who(?: has| have)? (?:wrote|written)|written by|whose work)\b", re.IGNORECASE)
AUTHOR = families("author")
WHEN = re.compile(r"(?:.*[:,] )?when\b", re.IGNORECASE)
SEVERAL = re.compile(rf"(?:.*[:,] )?(?:which|what)(?: \w+)? {PLURAL} (?!is\b|was\b|does\b|has\b)", re.IGNORECASE)
_THE = r"(?:the|an?|your|my|our|their|its|his|her|no|some|one|two|three|four|five|\d+) "
_FEW, _MANY = r"[\w'’/-]+(?: [\w'’/-]+)?", rf"{_THE}[\w'’/-]+(?: [\w'’/-]+){{0,6}}?"
_ENDS = r"(?=[^\w\s'’/-]|\s*$| (?:for|in|on|at|to|of|with|from|by|that|which|who|when|if|as|is|are|was|were)\b)"
RUN = re.compile(
    rf"(?:{_MANY}(?:, {_MANY})+,? (?:and|or) {_MANY}|{_FEW}(?:, {_FEW})+,? (?:and|or) (?!(?:i|he|she|we|they|it|you|so|then|that|this|there)\b)(?:{_FEW}|[\w'’/-]+)){_ENDS}",
    re.IGNORECASE,
)
COUNT = re.compile(r"\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve", re.IGNORECASE)
ITEM = r"(?:`[^`]+`|(?:the )?[A-Z][\w'-]*(?: (?:(?:of|de|the) )*[A-Z][\w'-]*){0,4})"  # code, or a name
SHARE = re.compile(
    r"(?:.*[:,] )?(?:(?:what|which) )?(?:percent\w*|(?:share|proportion|percentage|fraction) of)\b", re.IGNORECASE
)
FORMULA = re.compile(r"`+([^`\n]+)`+")
SIGN = re.compile(r"[\w)\]] [x×*/+-] [\w($\[]")  # between two terms
NUMBER = r"\d+(?:\.\d+)*"
_MONTH = rf"(?:{'|'.join(MONTHS)})"
DATE = re.compile(rf"(?:\b{A_DAY} (?:of )?{_MONTH},? |\b{_MONTH} (?:{A_DAY},? )?)\d{{4}}\b", re.IGNORECASE)


def whole_date(question: str, answer: str, sentence: str) -> str:
    """The date of the sentence that the answer is part of, when the question asks when: of 66 such answers in a public set
    (SQuADShifts) 64 are the whole date; else the answer."""
    if not WHEN.match(question):
        return answer
    dates = [date for date in DATE.findall(sentence) if answer in date and answer[-4:] == date[-4:]]
    return dates[0] if len(set(dates)) == 1 and sentence.count(answer) == 1 else answer


def whole(question: str, answer: str, line: str) -> str:
    """The value of a line `Label: one, two` when the answer is its head and the question asks by its label; else the answer."""
    label, value = field_of(line) or ("", "")
    asked = families(question) | (AUTHOR if WROTE.search(question) else set())
    if not answer or not families(label) & asked or not value.startswith(answer) or len(value) > LONGEST:
        return answer
    return value if NEXT.match(value[len(answer) :]) else answer


def whole_list(question: str, answer: str, sentence: str) -> str:
    """The names of the sentence, `A, B and C`, when the answer is the first of them and the question asks for several, or only
    counts them, or its numbers, `3.11, 3.12 or 3.13`, or the sentence where these are no names; else the answer."""
    before, _, behind = sentence.partition(": ")
    if COUNT.fullmatch(answer) and SEVERAL.match(question) and ", " in behind and answer.lower() in words(before):
        return behind.rstrip(". ")
    if either := re.search(rf"(?<![\d.]){re.escape(answer)}(?:, {NUMBER})+,? or {NUMBER}", sentence):
        return either[0] if re.fullmatch(NUMBER, answer) else answer
    if "," in answer:
        return answer
    if may_be_several(question) and (several := run_of(answer, sentence)):
        return several
    if not SEVERAL.match(question):
        return answer
    named = re.search(rf"(?<!, )(?<!and )`?{re.escape(answer)}`?(?:, {ITEM})*,? and {ITEM}", sentence)
    if named and len(named[0]) <= LONGEST:
        return named[0].strip()
    goes_on = re.search(
        rf"{re.escape(answer)}, (?!which|who|where|when|but)[^.;]{{1,{LONGEST}}}, (?:and|or) [^.;]+", sentence
    )
    return (
        sentence
        if goes_on and NAMES_SEVERAL.match(question) and len(answer.split()) < FEW and "," not in answer
        else answer
    )


def run_of(answer: str, sentence: str) -> str:
    """What the sentence names in a row, `the book, the stickers and the hoses`, from an answer on that is within the first of
    it; else empty. Of 50 answers of a public set (SQuADShifts) that begin such a row 47 are all of it, none the first."""
    before = re.search(rf"\b{_THE}$", sentence[: (start := sentence.find(answer))], re.IGNORECASE)
    run = RUN.match(sentence, before.start() if before else start) if answer in sentence else None
    return sentence[start : run.end()] if run and answer in run[0].split(",")[0] else ""


def whole_reasons(question: str, answer: str, sentence: str) -> str:
    """The sentence, `for two reasons: ice, and the age of the lamps`, when the answer to why is one of several behind its
    colon; else the answer."""
    told = sentence.partition(": ")[2].rstrip(". ")
    one_of_several = answer in told and "," in told and len(answer) < len(told)
    return sentence if one_of_several and wants_explanation(question) else answer


def whole_share(question: str, answer: str, sentence: str) -> str:
    """The sentence, `in most (35 of 41, 85%)`, where the question asks for a share and the answer is a part of it without a number; else
    the answer."""
    told = re.search(r"\d ?%|\bpercent\b|\d\s*(?:/|of|out of)\s*\d", sentence)
    return sentence if told and SHARE.match(question) and not numbers(answer) else answer


def whole_formula(question: str, answer: str, sentence: str) -> str:
    """The formula in code, `(2 x cores) + 1`, that the answer is part of; else the answer."""
    formulas = [
        span for span in FORMULA.findall(sentence) if answer in span and SIGN.search(span) and SIGN.search(answer)
    ]
    return formulas[0] if len(set(formulas)) == 1 and len(formulas[0]) <= LONGEST else answer


def whole_link(question: str, answer: str, sentence: str) -> str:
    """The address behind the answer's words, `<https://...>` or `(https://...)`, or the only one of the sentence, when the
    question asks for an address; else the answer."""
    if not LINK.search(question) or ADDRESS.search(answer) or answer not in sentence:
        return answer
    behind = re.match(rf"[`\]]?\s*[<(]({URL})", sentence.partition(answer)[2])
    addresses = [behind[1]] if behind else re.findall(URL, sentence)
    return str(addresses[0]) if len(addresses) == 1 else answer
