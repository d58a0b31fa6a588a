"""Families of the check prompt: the same passages, several claims on their sentences, each with its verdict."""

import random
import re

from adapter import corpus, records
from adapter.example import Example, Family, example
from adapter.reading import numbered

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


LEADS = re.compile(
    r"^(?:However|Moreover|Furthermore|In addition|Also|Therefore|Thus|For example|For instance|Finally|Additionally|Indeed|Meanwhile|Then|But|And|So), "
)


def claim(sentence: str) -> str:
    """The sentence as a claim: its lead-in dropped."""
    text = LEADS.sub("", sentence)
    return text[0].upper() + text[1:]


def check(rng: random.Random) -> Family:
    return check_records(rng) if rng.random() < 0.2 else check_prose(rng)


def check_prose(rng: random.Random) -> Family:
    """Claims on one or two of the sentences of some paragraphs."""
    document = rng.choice(corpus.documents())
    source = corpus.document_name(rng, corpus.title(rng, 1, 3))
    passages, _ = numbered([(source, paragraph[:8]) for paragraph in document.paragraphs[: rng.randint(1, 3)]])
    pool = {n: s["text"] for passage in passages for s in passage["sentences"] if 5 <= len(s["text"].split()) <= 45 for n in [s["number"]]}  # fmt: skip
    if len(pool) < 4:
        return check_prose(rng)
    family: Family = []
    for _ in range(3):
        target, beside, other, more = rng.sample(sorted(pool), 4)
        cited = sorted([target, beside] if rng.random() < 0.2 else [target])

        def judged(text: str, support: str, cited: list[int] = cited) -> Example:
            return example("cited_check", {"support": support}, passages=passages, claim=text[:390], sentences=cited)

        faithful = claim(shortened(pool[target], rng))
        family += [judged(faithful, "supported"), judged(claim(pool[other]), "unsupported")]
        if wrong := contradicted(rng.choice((faithful, claim(pool[target]))), rng):
            family.append(judged(wrong, "contradicted"))
        addition = claim(pool[more])
        joint = rng.choice((", and ", "; ", " and ", ". "))
        family.append(judged(faithful.rstrip(".") + joint + addition[0].lower() + addition[1:], "partial"))
    return family


def check_records(rng: random.Random) -> Family:
    thing = records.record(rng, rng.choice(("", None)))
    lines = {i: records.line(*thing.lines[i]) for i in thing.lines}
    passages, number = numbered([(thing.source, list(lines.values()))])
    place = {i: number[0, nth] for nth, i in enumerate(lines)}
    family: Family = []
    for field in rng.sample(sorted(lines), min(3, len(lines))):

        def judged(text: str, support: str, field: int = field) -> Example:
            return example("cited_check", {"support": support}, passages=passages, claim=text, sentences=[place[field]])

        label, value = thing.lines[field]
        family.append(judged(lines[field], "supported"))
        other = records.value(records.FIELDS[field].value, thing.prefix, rng)
        if other.lower() != value.lower():
            family.append(judged(records.line(label, other), "contradicted"))
        if turned := changed_number(value, rng):
            family.append(judged(records.line(label, turned), "contradicted"))
        if absent := next((i for i in lines if i != field), None):
            family.append(judged(lines[absent], "unsupported"))
            family.append(judged(f"{lines[field]}, {lines[absent]}", "partial"))
    return family
