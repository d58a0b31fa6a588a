"""What a question wants of rows: counted, summed up, averaged, the most or least of them, or those that are so."""

import re
from typing import Literal, NamedTuple

from agentflow.research.tables import lexicon
from agentflow.text.fold import unaccented
from agentflow.text.plurals import PLURAL
from agentflow.text.words import families, stem

Operation = Literal["count", "sum", "average", "most", "least", "list", "cell"]

COUNT = re.compile(r"\b(?:how many|number of|count of|count the|wie viele|anzahl)\b(?: of)?(?P<rest>.*)")
AVERAGE = re.compile(r"\b(?:average|mean|on average|durchschnitt\w*)\b(?P<rest>.*)")
SUM = re.compile(
    r"\b(?:how much|what (?:did|do|does|have|has|is) [^?]{1,40}?\b(?:pay|paid|spend|spent|cost|owe|want|charge|ask)|com(?:e|es) to|totals?|sums?|altogether|in all|overall|insgesamt|summe|wie viel|add(?:ed)? up)\b(?P<rest>.*)"
)
EXTREME = re.compile(
    rf"(?<!at )\b(?!(?:last|first) (?:year|month|week|night|name|updated)\b)(?P<word>{'|'.join([*lexicon.MOST, *lexicon.LEAST])})\b(?P<rest>.*)"
)
PER = re.compile(r"\b(?:per|by|for each|for every|in each|each|pro|je) (?P<per>\w+)[\s?.]*$")
LABEL = re.compile(
    rf"\b(?:which|what|welche[rs]?)(?: of the| of our| of my| other)? (?!(?:is|are|was|were|did|do|does|has|have|had|kinds?|can|should)\b)(?P<label>[^\W\d_]+(?: (?!(?:was|has|does)\b){PLURAL}(?= |$))?)"
)
WHO = re.compile(r"\b(?:who|whom|whose|wer|wem)\b")
WHEN = re.compile(r"\b(?:when|wann|(?:what|which) (?:day|date)\b)\b")
WHERE = re.compile(r"\b(?:where|wo)\b")
LISTS = re.compile(
    r"(?:which|what|when|where|whom?|whose|list|show me|name(?: all)?|give me|welche|(?:the )?names of)\b"
)
LISTED = re.compile(
    r"(?:list|show me|name|give me|what are|which are|(?:the )?names of)(?: all)?(?: of)?(?: the| our| my)? (?P<label>.+)"
)


class RowRequest(NamedTuple):
    """`thing`: what is counted or measured, `herons` of `how many herons`; `word`: the adjective of what is the most or least;
    `label`: of what a name is wanted, `payee`, `who`, `when`; `per`: the column of whose values each has its own result."""

    operation: Operation
    thing: str = ""
    word: str = ""
    label: str = ""
    per: str = ""


def request(question: str) -> RowRequest:
    """By its words; one cell where they tell nothing else."""
    asked = unaccented(question.lower()).strip(" ?.!")
    per = found["per"] if (found := PER.search(asked)) else ""
    label = label_of(asked)
    if found := EXTREME.search(asked):
        word = found["word"]
        sign: Operation = "least" if word in lexicon.LEAST else "most"
        rest = found["rest"].split()
        more = rest[0] if rest and word in ("most", "least") else ""
        if stem(more) in ("recent", "recently"):
            word, rest = "recent", rest[1:]
        elif families(more) & families("expensive common frequent often frequently"):
            word, rest = f"{word} {more}", rest[1:]
        return RowRequest(sign, " ".join(rest), word, label)
    if found := AVERAGE.search(asked):
        return RowRequest("average", found["rest"], per=per)
    if found := COUNT.search(asked):
        return RowRequest("count", found["rest"].strip(), per=per)
    if found := SUM.search(asked):
        return RowRequest("sum", found["rest"], per=per)
    if listed := LISTED.match(asked):
        return RowRequest("list", asked, label=label or next(iter(listed["label"].split()), ""))
    if LISTS.match(asked) and label:
        return RowRequest("list", asked, label=label)
    return RowRequest("cell", asked, label=label)


def label_of(asked: str) -> str:
    """By the first word that asks."""
    asks = {"when": WHEN, "where": WHERE, "who": WHO, "": LABEL}
    found = {name: match for name, pattern in asks.items() if (match := pattern.search(asked))}
    if not found:
        return ""
    first = min(found, key=lambda name: found[name].start())
    return first or str(found[""]["label"])
