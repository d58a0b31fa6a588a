"""What a question wants of rows: counted, summed up, averaged, the most or least of them, or those that are so."""

import re
from typing import Literal, NamedTuple

from agentflow.text.fold import unaccented
from agentflow.text.words import families, stem

Operation = Literal["count", "sum", "average", "most", "least", "list"]

COUNT = re.compile(r"\b(?:how many|number of|count of|count the|wie viele|anzahl)\b(?: of)?(?P<rest>.*)")
AVERAGE = re.compile(r"\b(?:average|mean|on average|durchschnitt\w*)\b(?P<rest>.*)")
SUM = re.compile(
    r"\b(?:how much|what (?:did|do|does|have|has) (?:we|i|you|they|\w+) (?:pay|paid|spend|spent)|com(?:e|es) to|totals?|sums?|altogether|in all|overall|insgesamt|summe|wie viel|add up)\b(?P<rest>.*)"
)
MOST = (
    "most highest largest biggest greatest longest tallest heaviest maximum max latest newest last oldest farthest furthest"
    " strongest priciest dearest top"
).split()
LEAST = (
    "least fewest lowest smallest cheapest shortest lightest minimum min earliest first youngest nearest weakest soonest"
).split()
EXTREME = re.compile(
    rf"(?<!at )\b(?!(?:last|first) (?:year|month|week|night|name|updated)\b)(?P<word>{'|'.join([*MOST, *LEAST])})\b(?P<rest>.*)"
)
PER = re.compile(r"\b(?:per|by|for each|for every|in each|each|pro|je) (?P<per>\w+)[\s?.]*$")
LABEL = re.compile(
    r"\b(?:which|what|welche[rs]?)(?: of the| of our| of my| other)? (?!(?:is|are|was|were|did|do|does|has|have|had|kinds?|can|should)\b)(?P<label>[^\W\d_]+)"
)
WHO = re.compile(r"\b(?:who|whom|whose|wer|wem)\b")
WHEN = re.compile(r"\b(?:when|wann)\b")
LISTS = re.compile(r"(?:which|what|whom?|whose|list|show me|name(?: all)?|give me|welche)\b")
LISTED = re.compile(
    r"(?:list|show me|name|give me|what are|which are)(?: all)?(?: of)?(?: the| our| my)? (?P<label>.+)"
)

# By the adjective, what a column that it compares may be called.
COMPARED = {
    families(adjectives).pop() if " " not in adjectives else adjectives: columns.split()
    for adjectives, columns in {
        "expensive": "price cost amount total fee rent value", "cheapest": "price cost amount total fee rent value",
        "priciest": "price cost amount total", "dearest": "price cost amount total",
        "longest": "length duration hours minutes days km miles distance pages", "shortest": "length duration hours minutes days km miles distance height pages",
        "tallest": "height", "heaviest": "weight mass", "lightest": "weight mass", "oldest": "age", "youngest": "age",
        "farthest": "distance km miles", "furthest": "distance km miles", "nearest": "distance km miles",
    }.items()
}  # fmt: skip
IN_TIME = {
    "latest": 1,
    "newest": 1,
    "last": 1,
    "recent": 1,
    "youngest": 1,
    "earliest": -1,
    "first": -1,
    "oldest": -1,
    "soonest": -1,
}
MONEY = "actual amount total cost costs price paid value sum spent spend expense expenses fee gross net betrag kosten preis".split()
SPENDING = families(
    "spend spent cost costs pay paid paying price money expense expensive cheap cheapest owe owes charge worth bill payment payments"
)
EARNING = families("earn earns earned earning paid")
INCOME = "salary wage wages income pay earnings".split()
COUNTS = "count number quantity qty individuals anzahl menge seen sold stock".split()
TALLIED = families(
    "seen see counted count recorded observed observation sold ordered order stock caught bought buy donated available"
)
EXPIRY = "expires expiry expiration until valid due end ends next".split()
STARTS = "start starts started begin begins from since issued joined opened".split()
TIMED = families(
    "expire expires expired due end ends run runs ran out start starts begin began next last valid renew renewal lapse"
)
GENERIC = families(
    "we i you us our my your me their they please tell show list name give altogether all together total sum overall average mean amount"
    " number count figure entry row record recorded item thing time many much have has had do does did been be there exist happen made make go went"
    " get got given one person people who what which when where document file table sheet folder register rota log report trip holiday journey"
    " project say said listed mentioned different distinct separate kind combined value highest lowest most least biggest largest smallest latest"
    " newest earliest oldest longest shortest first last recent recently ever so far currently now still already yet across during within common"
    " commonly frequent frequently often put come both each per quarterly monthly yearly annual weekly daily used use sum add up only single included including"
) | {"how", "per"}


class Request(NamedTuple):
    """`thing`: what is counted or measured, `herons` of `how many herons`; `word`: the adjective of what is the most or least;
    `label`: of what a name is wanted, `payee`, `who`, `when`; `per`: the column of whose values each has its own result."""

    operation: Operation
    thing: str = ""
    word: str = ""
    label: str = ""
    per: str = ""


def request(question: str) -> Request | None:
    """None where a question asks for nothing that rows are counted, summed up or looked through for."""
    asked = unaccented(question.lower()).strip(" ?.!")
    per = found["per"] if (found := PER.search(asked)) else ""
    label = label_of(asked)
    if found := EXTREME.search(asked):
        word = found["word"]
        sign: Operation = "least" if word in LEAST else "most"
        rest = found["rest"].split()
        if word in ("most", "least") and rest and stem(rest[0]) in ("recent", "recently"):
            word, rest = "recent", rest[1:]
        elif (
            word in ("most", "least")
            and rest
            and families(rest[0]) & families("expensive common frequent often frequently")
        ):
            word, rest = f"{word} {rest[0]}", rest[1:]
        return Request(sign, " ".join(rest), word, label)
    if found := AVERAGE.search(asked):
        return Request("average", found["rest"], per=per)
    if found := COUNT.search(asked):
        return Request("count", found["rest"].strip(), per=per)
    if found := SUM.search(asked):
        return Request("sum", found["rest"], per=per)
    if listed := LISTED.match(asked):
        return Request("list", asked, label=label or listed["label"].split()[0])
    if LISTS.match(asked) and label not in ("", "when"):
        return Request("list", asked, label=label)
    return None


def label_of(asked: str) -> str:
    if WHEN.search(asked):
        return "when"
    if found := LABEL.search(asked):
        return str(found["label"])
    return "who" if WHO.search(asked) else ""
