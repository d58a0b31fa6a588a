"""Families of the check prompt: the same quotes, several claims, each with its verdict."""

import random
import re

from starter import corpus
from starter.example import Example, Family, written
from starter.tasks import records
from starter.tasks.claims import claim

OPPOSITES = (
    ("more", "less"), ("most", "least"), ("higher", "lower"), ("larger", "smaller"), ("first", "last"), ("before", "after"), ("always", "never"),
    ("all", "none"), ("many", "few"), ("increased", "decreased"), ("increase", "decrease"), ("north", "south"), ("east", "west"),
    ("northern", "southern"), ("eastern", "western"), ("early", "late"), ("old", "new"), ("large", "small"), ("high", "low"), ("long", "short"),
    ("possible", "impossible"), ("male", "female"), ("won", "lost"), ("above", "below"), ("best", "worst"), ("easy", "difficult"),
    ("easier", "harder"), ("allowed", "forbidden"), ("accepted", "rejected"), ("public", "private"), ("inside", "outside"), ("with", "without"),
    ("better", "worse"), ("greater", "smaller"), ("strong", "weak"), ("same", "different"), ("including", "excluding"), ("father", "mother"),
    ("son", "daughter"), ("brother", "sister"), ("American", "British"), ("French", "German"), ("true", "false"), ("only", "not only"),
)  # fmt: skip
SWAPS = {a: b for pair in OPPOSITES for a, b in (pair, pair[::-1])}
VERBS = re.compile(
    r"\b(is|are|was|were|can|could|will|would|should|must|may|has|have|had|does|do|did)\b(?! not)(?!n't)"
)
NUMBERS = re.compile(r"\d+")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,2}")


def changed_number(text: str, rng: random.Random) -> str | None:
    found = list(NUMBERS.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    old = match.group()
    new = old
    while new == old:
        digits = list(old)
        for i in rng.sample(range(len(digits)), rng.randint(1, min(2, len(digits)))):
            digits[i] = str(rng.randint(1, 9))
        new = "".join(digits)
    return text[: match.start()] + new + text[match.end() :]


def changed_name(text: str, rng: random.Random) -> str | None:
    found = list(NAME.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    other = rng.choice(corpus.people()).split()[: len(match.group().split())]
    if set(other) & set(match.group().split()):
        return None
    return text[: match.start()] + " ".join(other) + text[match.end() :]


def negated(text: str, rng: random.Random) -> str | None:
    if " not " in text:
        return text.replace(" not ", " ", 1)
    found = list(VERBS.finditer(text))
    if not found:
        return None
    at = rng.choice(found).end()
    return text[:at] + " not" + text[at:]


def opposed(text: str, rng: random.Random) -> str | None:
    tokens = text.split(" ")
    found = [i for i, token in enumerate(tokens) if token in SWAPS]
    if not found:
        return None
    at = rng.choice(found)
    return " ".join([*tokens[:at], SWAPS[tokens[at]], *tokens[at + 1 :]])


def contradicted(text: str, rng: random.Random) -> str | None:
    """The text with one fact turned: a number, a name, a negation or an opposite."""
    for turn in rng.sample((changed_number, changed_number, changed_name, negated, opposed), 5):
        new = turn(text, rng)
        if new and new != text:
            return new
    return None


def shortened(text: str, rng: random.Random) -> str:
    """A faithful shorter form: some clauses kept."""
    clauses = re.split(r"(?<=[,;]) ", text)
    if len(clauses) < 2 or rng.random() < 0.5:
        return text
    low = rng.randrange(len(clauses))
    kept = " ".join(clauses[low : low + rng.randint(1, len(clauses) - low)]).rstrip(",;")
    return kept if len(kept.split()) >= 4 else text


def judged(quotes: list[tuple[str, str]], text: str, support: str) -> Example:
    values = {"quotes": [{"quote": q, "source": s} for q, s in quotes], "claim": text}
    return Example("check", values, written({"support": support}), 2.0)


def check(rng: random.Random) -> Family:
    return check_records(rng) if rng.random() < 0.2 else check_prose(rng)


def check_prose(rng: random.Random) -> Family:
    return family_of(rng.choice(corpus.documents()), rng) or check_prose(rng)


def family_of(document: corpus.Document, rng: random.Random) -> Family:
    """Claims on one or two sentences of the document; none when it has too few."""
    pool = [s for paragraph in document.paragraphs for s in paragraph if 5 <= len(s.split()) <= 45]
    if len(pool) < 4:
        return []
    chosen = rng.sample(pool, 4)
    source = corpus.document_name(rng, corpus.title(rng, 1, 3))
    target, quotes = chosen[0], chosen[: rng.choice((1, 1, 1, 2))]
    rng.shuffle(quotes)
    named = [(quote, source) for quote in quotes]
    faithful = claim(shortened(target, rng), "")
    family = [judged(named, faithful, "supported"), judged(named, claim(chosen[2], ""), "unsupported")]
    for base in (faithful, claim(target, "")):
        wrong = contradicted(base, rng)
        if wrong:
            family.append(judged(named, wrong, "contradicted"))
    addition = claim(chosen[3], "")
    half = faithful.rstrip(".") + rng.choice((", and ", "; ", " and ", ". ")) + addition[0].lower() + addition[1:]
    family.append(judged(named, half[:390], "partial"))
    return family


def check_records(rng: random.Random) -> Family:
    thing = records.record(rng, rng.choice(("", None)))
    field = rng.choice(sorted(thing.lines))
    label, value = thing.lines[field]
    quotes = [(records.line(label, value), thing.source)]
    other = records.value(records.FIELDS[field].value, thing.prefix, rng)
    absent = next((i for i in thing.lines if i != field), field)
    family = [judged(quotes, records.line(label, value), "supported")]
    if other.lower() != value.lower():
        family.append(judged(quotes, records.line(label, other), "contradicted"))
    turned = changed_number(value, rng)
    if turned:
        family.append(judged(quotes, records.line(label, turned), "contradicted"))
    if absent != field:
        family.append(judged(quotes, records.line(*thing.lines[absent]), "unsupported"))
        both = f"{records.line(label, value)}, {records.line(*thing.lines[absent])}"
        family.append(judged(quotes, both, "partial"))
    return family
