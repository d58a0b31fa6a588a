"""Families of the judge prompt: one question, many sentences, the probability of "yes" is trained for each.

Three kinds: natural questions of qa/train, questions made from prose, and records. In each, some families ask for what
none of the sentences tells, and some name a document and show the same words under another document's name.
"""

import random

from starter import corpus
from starter.example import Family, verdict
from starter.tasks import questions, records

BRANCHES = 9


def natural(rng: random.Random) -> Family:
    """A question of qa/train among the sentences of its paragraph and of its article."""
    kinds = questions.natural()
    asked = rng.choice(kinds[rng.choices(("new_wiki", "reddit", "amazon"), (5, 3, 2))[0]])
    rivals = [i for i in range(len(asked.sentences)) if i not in asked.right and i not in asked.unsure]
    rivals = rng.sample(rivals, min(len(rivals), BRANCHES - 2))
    wiki = asked.title[:7] not in ("Filtere", "Amazon ")
    subject = asked.title if wiki else corpus.title(rng, 1, 3)
    source = corpus.document_name(rng, subject)
    foreign = rng.sample(asked.others, min(len(asked.others), rng.randint(0, 3)))
    if rng.random() < 0.06:  # the answer is not there
        return [verdict(asked.question, source, asked.sentences[i], False) for i in rivals] + [
            verdict(asked.question, source, s, False) for s in foreign
        ]
    family = [verdict(asked.question, source, asked.sentences[i], i in asked.right) for i in [*asked.right, *rivals]]
    second = source if rng.random() < 0.6 else corpus.document_name(rng, subject)
    family += [verdict(asked.question, second, s, False) for s in foreign]
    return named(family, subject, rng) if rng.random() < 0.08 else family


def named(family: Family, subject: str, rng: random.Random) -> Family:
    """The question names its document; the right sentence under another document's name is a no."""
    asked = rng.choice(("According to {s}, {q}", "In {s}: {q}", "{q} ({s})", "{s}: {q}"))
    other = corpus.title(rng, 1, 4)
    renamed: Family = []
    for example in family:
        values = example.values
        question = asked.format(s=subject, q=values["question"])
        renamed.append(verdict(question, subject, values["sentence"], example.answer == "yes"))
        if example.answer == "yes":
            renamed.append(verdict(question, other, values["sentence"], False))
    return renamed


def prose(rng: random.Random) -> Family:
    """A question made from one sentence, among its neighbours."""
    document = rng.choice(corpus.documents())
    pool = [s for paragraph in document.paragraphs for s in paragraph]
    target = rng.choice(pool)
    asked = questions.made(target, rng)
    if asked is None or len(pool) < 3:
        return prose(rng)
    question, keys = asked
    rivals = [s for s in pool if s != target and len(keys & corpus.lowered(s)) < max(1, (len(keys) + 1) // 2)]
    rivals = rng.sample(rivals, min(len(rivals), BRANCHES - 1))
    subject = corpus.title(rng, 1, 4)
    source = corpus.document_name(rng, subject)
    family = [verdict(question, source, s, False) for s in rivals]
    if rng.random() > 0.12:
        family.append(verdict(question, source, target, True))
    if len(family) < 2:
        return prose(rng)
    return named(family, subject, rng) if rng.random() < 0.15 else family


def fields(rng: random.Random) -> Family:
    """One field of one record is asked for, among its other fields, the same field of others, and prose."""
    prefix = rng.choice(("", None, None))
    thing = records.record(rng, prefix)
    labels = {i: label for i, (label, _) in thing.lines.items()}
    others = [records.record(rng, thing.prefix, labels) for _ in range(2)]
    absent = rng.random() < 0.25
    field = rng.choice(sorted(thing.lines))
    question = records.question(field, thing, rng)
    family: Family = []
    for i, (label, value) in thing.lines.items():
        if i != field:
            family.append(verdict(question, thing.source, records.line(label, value), False))
        elif not absent:
            family.append(verdict(question, thing.source, records.line(label, value), True))
    for other in others:
        kept = {field, *rng.sample(sorted(labels), 1)}
        family += [verdict(question, other.source, records.line(*other.lines[i]), False) for i in sorted(kept)]
    document = rng.choice(corpus.documents())
    body = [s for paragraph in document.paragraphs for s in paragraph]
    family += [verdict(question, thing.source, s, False) for s in rng.sample(body, min(len(body), 2))]
    rng.shuffle(family)
    return family


def told(rng: random.Random) -> Family:
    """A record's fields told in sentences; some of them belong to other things named in the same document."""
    things = [records.record(rng, rng.choice(("", None))) for _ in range(2)]
    field = rng.choice(sorted(things[0].lines))
    question = records.question(field, things[0], rng)
    source = rng.choice((things[0].source, corpus.document_name(rng, corpus.title(rng, 1, 3))))
    family: Family = []
    for thing in things:
        lines = dict(thing.lines)
        lines.setdefault(
            field,
            (rng.choice(records.FIELDS[field].labels), records.value(records.FIELDS[field].value, thing.prefix, rng)),
        )
        for i in {field, *rng.sample(sorted(lines), min(3, len(lines)))}:
            yes = thing is things[0] and i == field
            family.append(verdict(question, source, sentence(thing, *lines[i], rng), yes))
    return family


def sentence(thing: records.Record, label: str, value: str, rng: random.Random) -> str:
    name = thing.source if rng.random() < 0.3 else f"{thing.prefix} {thing.number}" if thing.number else thing.title
    noun = label.replace("-", " ").lower()
    frame = rng.choice(
        (
            "The {n} of {e} is {v}.",
            "{e} has {v} as its {n}.",
            "For {e}, the {n} is given as {v}.",
            "{e} ({n}: {v}) is listed here.",
            "{n} of {e}: {v}",
        )
    )
    text = frame.format(e=name, n=noun, v=value)
    return text[0].upper() + text[1:]
