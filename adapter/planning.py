"""Families of the plan prompt: a question into the questions it is made of."""

import random

from adapter import corpus, questions, records
from adapter.example import Family, example

JOINS = (" and ", ", and ", "; ", " Also: ", ", and also ")
ATTRIBUTES = ("population", "history", "author", "purpose", "size", "origin", "date", "status", "cost", "design", "meaning", "founder", "location", "age", "nationality", "birthplace", "director", "length", "speed", "licence", "behaviour", "syntax", "performance", "default value")  # fmt: skip


def lower_first(text: str) -> str:
    return text[0].lower() + text[1:] if text[:2] not in ("I ",) and not text[1:2].isupper() else text


def single(rng: random.Random) -> str:
    if rng.random() < 0.6:
        kinds = questions.natural()
        return str(rng.choice(kinds[rng.choices(("new_wiki", "reddit", "amazon"), (6, 1, 1))[0]]).question)
    if rng.random() < 0.5:
        thing = records.record(rng, rng.choice(("", None)))
        return records.question(rng.choice(sorted(thing.lines)), thing, rng)
    document = rng.choice(corpus.documents())
    asked = questions.made(rng.choice(rng.choice(document.paragraphs)), rng)
    return asked[0] if asked else single(rng)


def topic(rng: random.Random) -> str:
    pick = rng.random()
    if pick < 0.35:
        return rng.choice(corpus.people())
    if pick < 0.6:
        thing = records.record(rng, None)
        return f"{thing.prefix} {thing.number}"
    if pick < 0.8:
        return corpus.title(rng, 1, 3)
    return "the " + " ".join(rng.sample(corpus.vocabulary(), rng.randint(1, 2)))


def compound(rng: random.Random) -> tuple[str, list[str]]:
    """A question with several parts, and the parts."""
    a, b, what = topic(rng), topic(rng), rng.choice(ATTRIBUTES)
    other = rng.choice([x for x in ATTRIBUTES if x != what])
    noun = " ".join(rng.sample(corpus.vocabulary(), rng.randint(1, 2)))
    verb = rng.choice(
        (
            "directed",
            "wrote",
            "founded",
            "discovered",
            "designed",
            "married",
            "replaced",
            "introduced",
            "owns",
            "published",
        )
    )
    frames = (
        (f"Compare {a} and {b}.", [f"What is {a}?", f"What is {b}?"]),
        (f"How does {a} differ from {b}?", [f"What is {a}?", f"What is {b}?"]),
        (f"What is the difference between {a} and {b}?", [f"What is {a}?", f"What is {b}?"]),
        (f"Compare the {what} of {a} and {b}.", [f"What is the {what} of {a}?", f"What is the {what} of {b}?"]),
        (f"Do {a} and {b} have the same {what}?", [f"What is the {what} of {a}?", f"What is the {what} of {b}?"]),
        (f"Which has the greater {what}, {a} or {b}?", [f"What is the {what} of {a}?", f"What is the {what} of {b}?"]),
        (f"Are {a} and {b} both {noun}?", [f"Is {a} {noun}?", f"Is {b} {noun}?"]),
        (f"Who is older, {a} or {b}?", [f"When was {a} born?", f"When was {b} born?"]),
        (f"Which came first, {a} or {b}?", [f"When was {a}?", f"When was {b}?"]),
        (f"What are the {what} and the {other} of {a}?", [f"What is the {what} of {a}?", f"What is the {other} of {a}?"]),
        (f"What is the {what} of the {noun} that {verb} {a}?", [f"Which {noun} {verb} {a}?", f"What is the {what} of the {noun} that {verb} {a}?"]),
        (f"What is the {what} of the {other} of {a}?", [f"What is the {other} of {a}?", f"What is the {what} of the {other} of {a}?"]),
        (f"Where was the person who {verb} {a} born?", [f"Who {verb} {a}?", f"Where was the person who {verb} {a} born?"]),
        (f"When was the {noun} {verb} by {a} {verb}?", [f"Which {noun} was {verb} by {a}?", f"When was the {noun} {verb} by {a} {verb}?"]),
    )  # fmt: skip
    return rng.choice(frames)


def plan(rng: random.Random) -> Family:
    """Half are simple questions, which stay as they are; the others are joined or compound ones, taken apart."""
    pick = rng.random()
    if pick < 0.45:
        question = single(rng)
        parts = [question]
    elif pick < 0.7:
        parts = [single(rng) for _ in range(rng.choice((2, 2, 2, 3)))]
        question = (
            parts[0].rstrip("?. ") + "".join(rng.choice(JOINS) + lower_first(p).rstrip("?. ") for p in parts[1:]) + "?"
        )
    else:
        question, parts = compound(rng)
    return [example("plan", {"questions": parts}, question=question)]
