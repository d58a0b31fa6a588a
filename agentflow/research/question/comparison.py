"""A question that compares two things, as one question of each and what to do with the two values:
`Which is cheaper, the Pellow quote or the Sorensen quote?`"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from agentflow.corpus.evidence import one_line

Kind = Literal["day", "amount"]
Wanted = Literal["which", "whether", "difference", "excess"]  # how much it is more; less is told as such

# By the adjective: the question of one thing, and whether the adjective means the greater value.
QUANTITY = {
    "What is the price of {}?": ("dearer pricier", "cheaper"),
    "How long is {}?": ("longer", "shorter"),
    "How tall is {}?": ("taller", ""),
    "How high is {}?": ("higher", "lower"),
    "How large is {}?": ("larger bigger", "smaller"),
    "How heavy is {}?": ("heavier", "lighter"),
    "How deep is {}?": ("deeper", "shallower"),
    "How wide is {}?": ("wider broader", "narrower"),
    "How far is {}?": ("farther further", "nearer closer"),
    "How fast is {}?": ("faster quicker", "slower"),
}
ADJECTIVES = {
    word: (asked, more) for asked, pair in QUANTITY.items() for words, more in zip(pair, (True, False), strict=True)
    for word in words.split()
} | {"more expensive": ("What is the price of {}?", True), "less expensive": ("What is the price of {}?", False)}  # fmt: skip
COMPARATIVE = "|".join(sorted(ADJECTIVES, key=len, reverse=True))
ADJECTIVE = rf"(?P<adjective>{COMPARATIVE})"
AGE = r"(?P<age>older|younger|newer)"
TIME = r"(?:first|earlier|sooner|later|last|more recently)"
EARLY = re.compile(r"\b(?:first|earlier|sooner)\b", re.IGNORECASE)
MADE = r"[a-z]+(?:ed|en|wn|rn|lt|nt|ld|un|ught|ade)"  # a participle
IS = r"(?:is|are|was|were|went|goes|ran|runs|took|takes|lasted|lasts)"
PREDICATE = re.compile(
    rf"\b(?:{IS} (?:the )?(?:{ADJECTIVE}|{AGE})(?: one)?"
    rf"|(?:is|are) (?P<due>due|over|back|ready) {TIME}"
    rf"|(?:was|were) (?:{TIME} (?P<then_made>{MADE})|(?P<made>{MADE}) {TIME})"
    rf"|(?P<past>(?:[a-z]+ed|began|came|left|won|rose|fell|comes|goes|begins|starts|ends|opens|closes|expires)(?: [a-z][\w-]*){{0,3}}?) {TIME}"
    r"|(?P<has>has|have|had|used|took|got|included|enrolled|recruited) (?P<many>more|fewer|less) (?P<noun>[a-z][\w-]*(?: (?!(?:in|on|at|of|for|from|during)\b)[a-z][\w-]*)?)"
    r"|costs?(?: us| me)? (?P<cost>more|less))\b",
    re.IGNORECASE,
)
NAMES_FIRST = re.compile(
    r"(?:between )?(?P<one>[^,:]+?) (?:or|and|vs\.?|versus) (?P<other>[^,:]+?)(?:[,:]| [-–—]) (?P<asks>(?:who|which|what)\b.*)",
    re.IGNORECASE,
)
OPENING = re.compile(r"(?:(?P<who>who)|(?:which|what)(?P<of>(?: [\w-]+){0,4})) ", re.IGNORECASE)
# Behind the predicate: what belongs to it, ` in 1910`, a comma or colon, the names; or the names alone.
NAMED = re.compile(r"(?:(?P<besides>(?: [\w'-]+){0,5}?)(?P<stop>[,:]| [-–—]) )?\s*(?P<names>.+)")
NAME = re.compile(
    r"[^\W\d_a-z]\S*(?: (?:(?:of|the|and|for|de|van|von|in|&) )*[^\W_a-z]\S*)*$"
)  # at the end, in capitals
LONGEST = 10  # words of a name
NO_NAME = re.compile(r"^(?:he|she|it|they|we|you|i|then|this|that|ever)\b|\bor\b", re.IGNORECASE)
BUILT = re.compile(r"\b(?:building|house|church|bridge|tower|castle|hall|mill|ship|school|station)s?\b", re.IGNORECASE)
LATER = ("after", "later than")
ORDER = r"(?P<order>before|earlier than|after|later than)"
THAN = re.compile(
    rf"(?:is|was|are|were) (?P<one>.+?) (?:{ADJECTIVE}|{AGE}) than (?P<other>.+)",
    re.IGNORECASE,
)
MADE_BEFORE = re.compile(rf"(?:was|were) (?P<one>.+?) (?P<made>{MADE}) {ORDER} (?P<other>.+)", re.IGNORECASE)
ACTED_BEFORE = re.compile(
    rf"did (?P<act>(?:we|they|i|he|she) [a-z]+) (?P<one>.+?) {ORDER} (?P<other>.+)", re.IGNORECASE
)
HAPPENED_BEFORE = re.compile(
    r"(?P<helper>did|does|do|will) (?P<one>.+?) (?P<does>[a-z]+(?: (?:out|off|up|over|down|back|in))?) "
    rf"{ORDER} (?P<other>.+?)(?: (?:did|does|do|will))?",
    re.IGNORECASE,
)
MORE = re.compile(
    rf"how (?:much|many \w+) {ADJECTIVE} (?:is|was|are|were) (?P<one>.+?) than (?P<other>.+)", re.IGNORECASE
)
BY_HOW_MUCH = re.compile(
    rf"^by how (?:much|many \w+) (is|was|are|were) (.+?) ({COMPARATIVE}) than\b",
    re.IGNORECASE,
)
DEARER = re.compile(
    r"how much (?P<cost>more|less) (?:(?:does|do|did) (?P<one>.+?) cost|(?:is|are|was|were) (?P<one_is>.+?)) than (?P<other>.+)",
    re.IGNORECASE,
)
DIFFERENCE = re.compile(
    r"what(?:'s| is| was) the difference in (?P<what>[\w -]+?) between (?P<one>.+?) and (?P<other>.+)"
    r"|what(?:'s| is| was) the difference between the (?P<what_of>[\w -]+?) (?P<link>of|for|in|at) (?P<one_of>.+?) and "
    r"(?:(?:that|the \w+) )?(?:of |for |in |at )?(?P<other_of>.+)",
    re.IGNORECASE,
)  # fmt: skip

UNIT = r"(?P<unit>days|weeks|months|years)"
BETWEEN = re.compile(
    rf"(?:how )?(?:(?:many )?{UNIT}|long|(?:the )?time) (?:(?:is|are|was|were|lie|lay|passed|went by|elapsed)(?: (?:there|it))? )?between (?P<one>.+?) and (?P<other>.+)",
    re.IGNORECASE,
)
OLDER = re.compile(
    rf"how (?:many {UNIT}|much) (?P<age>older|younger) (?:is|was) (?P<one>.+?) than (?P<other>.+)", re.IGNORECASE
)


class PairQuestion(NamedTuple):
    """`more`: the greater or later value is meant. `unit` is what the days between two are counted in, if the question says."""

    wanted: Wanted
    names: tuple[str, str]
    asked: str  # with {} for a name
    kind: Kind
    more: bool = True
    unit: str = ""

    @property
    def questions(self) -> tuple[str, str]:
        one, other = self.names
        return self.asked.format(one), self.asked.format(other)


@lru_cache(1024)
def comparison(question: str) -> PairQuestion | None:
    """None where it compares no two things by a day or an amount."""
    plain = one_line(question).rstrip("?! ")
    if first := NAMES_FIRST.fullmatch(plain):
        plain = f"{first['asks']}, {first['one']} or {first['other']}"
    plain = BY_HOW_MUCH.sub(r"how much \3 \1 \2 than", plain)
    found = which(plain) or whether(plain) or difference(plain)
    is_no_name = found and any(NO_NAME.search(name) or len(name.split()) > LONGEST for name in found.names)
    return None if is_no_name else found


def which(question: str) -> PairQuestion | None:
    """`Which bridge was built first, A or B?`"""
    predicate = PREDICATE.search(question)
    opening = OPENING.fullmatch(question[: predicate.start()]) if predicate else None
    if not predicate or not opening or not (rest := NAMED.match(question[predicate.end() :])):
        return None
    before, _, other = rest["names"].partition(" or ")
    capitals = NAME.search(before)
    one = before if rest["stop"] else capitals[0] if capitals else ""
    if not one or not other or ", " in one.rstrip(", "):
        return None
    names = whole(one.strip(" ,"), other, (opening["of"] or "").strip())
    found = asked_of(predicate, bool(opening["who"]), opening["of"] or "", "which", names)
    return found._replace(asked=f"{found.asked[:-1]}{rest['besides']}?") if rest["stop"] else found


def whole(one: str, other: str, noun: str = "") -> tuple[str, str]:
    """Both names with the noun that either leaves out: `Moss's desk` and `Carr's`, `the oak desk` and `the pine one`."""
    kind = owned[1] if (owned := re.search(r"['’]s? (.+)", one)) else noun if noun.count(" ") == 0 else ""
    last = one.split()[-1]
    one, other = (f"{name} {kind}" if kind and re.search(r"(?:s['’]|['’]s)$", name) else name for name in (one, other))
    return one, re.sub(r" one$", f" {last}", other)


def asked_of(found: re.Match[str], person: bool, of: str, wanted: Wanted, names: tuple[str, str]) -> PairQuestion:
    told = found.groupdict()
    if adjective := told["adjective"]:
        asked, more = ADJECTIVES[adjective.lower()]
        return PairQuestion(wanted, names, asked, "amount", more)
    if age := told["age"]:
        verb = "born" if person else "built" if BUILT.search(f"{of} {' '.join(names)}") else "founded"
        return PairQuestion(wanted, names, f"When was {{}} {verb}?", "day", age.lower() != "older")
    if told.get("has"):
        does = "does" if told["has"].lower() in ("has", "have") else "did"
        return PairQuestion(
            wanted, names, f"How many {told['noun']} {does} {{}} have?", "amount", told["many"].lower() == "more"
        )
    if told.get("cost"):
        return PairQuestion(wanted, names, "What is the price of {}?", "amount", told["cost"].lower() == "more")
    if told.get("due"):
        return PairQuestion(wanted, names, f"When is {{}} {told['due']}?", "day", not EARLY.search(found[0]))
    asked = when(told["made"] or told["then_made"] or "", told["past"] or "")
    return PairQuestion(wanted, names, asked, "day", not EARLY.search(found[0]))


def when(made: str, happens: str) -> str:
    """`When was {} built?`, or with a verb as it stands: `When is it that {} ends?`"""
    if made:
        return f"When was {{}} {made}?"
    helper = "is" if happens.split()[0].endswith("s") else "was"
    return f"When {helper} {{}}?" if happens in ("came", "comes") else f"When {helper} it that {{}} {happens}?"


def whether(question: str) -> PairQuestion | None:
    """`Is A older than B?`, `Was A built before B?`"""
    if found := THAN.fullmatch(question):
        names = whole(found["one"], found["other"])
        if found["age"] and not all(name[0].isupper() for name in names):
            return None
        return asked_of(found, not BUILT.search(" ".join(names)), "", "whether", names)
    if found := MADE_BEFORE.fullmatch(question):
        return in_order(found, f"When was {{}} {found['made']}?", (found["one"], found["other"]))
    if found := ACTED_BEFORE.fullmatch(question):
        return in_order(found, f"When did {found['act']} {{}}?", (found["one"], found["other"]))
    if found := HAPPENED_BEFORE.fullmatch(question):
        asked = f"When {found['helper'].lower()} {{}} {found['does']}?"
        return in_order(found, asked, whole(found["one"], found["other"]))
    return None


def in_order(found: re.Match[str], asked: str, names: tuple[str, str]) -> PairQuestion:
    return PairQuestion("whether", names, asked, "day", found["order"].lower() in LATER)


def difference(question: str) -> PairQuestion | None:
    """`How much longer is A than B?`, `What is the difference between the rent of A and B?`"""
    if found := MORE.fullmatch(question):
        asked, more = ADJECTIVES[found["adjective"].lower()]
        return PairQuestion("excess", whole(found["one"], found["other"]), asked, "amount", more)
    if found := DEARER.fullmatch(question):
        names = whole(found["one"] or found["one_is"], found["other"])
        return PairQuestion("excess", names, "What is the price of {}?", "amount", found["cost"].lower() == "more")
    if found := OLDER.fullmatch(question):
        names = found["one"], found["other"]
        later = found["age"].lower() == "younger"
        return PairQuestion("excess", names, "When was {} born?", "day", later, found["unit"] or "years")
    if found := BETWEEN.fullmatch(question):
        return PairQuestion(
            "difference", (found["one"], found["other"]), "When is {}?", "day", unit=found["unit"] or ""
        )
    if found := DIFFERENCE.fullmatch(question):
        what, link = found["what"] or found["what_of"], found["link"] or "of"
        names = (found["one"] or found["one_of"]), (found["other"] or found["other_of"])
        return PairQuestion("difference", names, f"What is the {what} {link} {{}}?", "amount")
    return None
