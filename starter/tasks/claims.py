"""Families of the write prompt (evidence to claims) and of the answer prompt (claims to a short answer): both copy."""

import random
import re
from typing import Any

from starter import corpus
from starter.example import Example, Family, written
from starter.tasks import questions, records

LEADS = re.compile(
    r"^(?:However|Moreover|Furthermore|In addition|Also|Therefore|Thus|For example|For instance|Finally|Additionally|Indeed|Meanwhile|Then|But|And|So), "
)


def claim(sentence: str, answer: str) -> str:
    """The sentence as a claim: its lead-in dropped, and of a long one the clause that holds the answer."""
    text = LEADS.sub("", sentence)
    if len(text.split()) > 32:
        clauses = re.split(r"(?<=[,;:]) ", text)
        at = next((i for i, c in enumerate(clauses) if answer and answer in c), 0)
        low = high = at
        while sum(len(c.split()) for c in clauses[low : high + 1]) < 14 and (low > 0 or high + 1 < len(clauses)):
            low, high = (low - 1, high) if low > 0 else (low, high + 1)
        text = " ".join(clauses[low : high + 1]).rstrip(",;:")
    return (text[0].upper() + text[1:])[:390]


def evidence(items: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"number": n, "quote": quote, "source": source} for n, (quote, source) in enumerate(items, 1)]


def write(rng: random.Random) -> Family:
    return [rng.choice((write_natural, write_natural, write_prose, write_records))(rng)]


def write_natural(rng: random.Random) -> Example:
    kinds = questions.natural()
    asked = rng.choice(kinds[rng.choices(("new_wiki", "reddit", "amazon"), (6, 2, 2))[0]])
    source = corpus.document_name(
        rng, asked.title if asked.title[:7] not in ("Filtere", "Amazon ") else corpus.title(rng, 1, 3)
    )
    target = asked.sentences[asked.right[0]]
    return composed(
        asked.question,
        [(target, claim(target, asked.answer))],
        [s for i, s in enumerate(asked.sentences) if i not in asked.right and i not in asked.unsure],
        source,
        rng,
    )


def write_prose(rng: random.Random) -> Example:
    document = rng.choice(corpus.documents())
    pool = [s for paragraph in document.paragraphs for s in paragraph]
    target = rng.choice(pool)
    asked = questions.made(target, rng)
    if asked is None:
        return write_prose(rng)
    question, keys = asked
    rivals = [s for s in pool if s != target and not keys & corpus.lowered(s)]
    return composed(
        question, [(target, claim(target, ""))], rivals, corpus.document_name(rng, corpus.title(rng, 1, 3)), rng
    )


def composed(
    question: str, right: list[tuple[str, str]], rivals: list[str], source: str, rng: random.Random
) -> Example:
    """One right sentence (or none) among up to three others, in any order."""
    keep = [] if rng.random() < 0.1 and rivals else right
    items = [quote for quote, _ in keep] + rng.sample(
        rivals, min(len(rivals), rng.choice((0, 0, 1, 2, 3)) if keep else rng.randint(1, 2))
    )
    rng.shuffle(items)
    claims = [{"evidence": [items.index(quote) + 1], "text": text} for quote, text in keep]
    claims.sort(key=lambda c: c["evidence"])
    values = {"question": question, "evidence": evidence([(s, source) for s in items])}
    return Example("write", values, written({"claims": claims}))


def write_records(rng: random.Random) -> Example:
    """The asked field of one or two records; a question on two things takes two claims."""
    thing = records.record(rng, rng.choice(("", None)))
    twin = records.record(rng, thing.prefix, {i: label for i, (label, _) in thing.lines.items()})
    field = rng.choice(sorted(thing.lines))
    asked = [thing, twin] if rng.random() < 0.35 else [thing]
    question = rng.choice(records.FIELDS[field].asked).format(e=" and ".join(records.mention(t, rng) for t in asked))
    right = [(records.line(*t.lines[field]), t.source) for t in asked]
    spare = [i for i in thing.lines if i != field]
    wrong = [
        (records.line(*thing.lines[i]), thing.source) for i in rng.sample(spare, min(len(spare), rng.randint(0, 2)))
    ]
    if len(asked) == 1 and rng.random() < 0.4:
        wrong.append((records.line(*twin.lines[field]), twin.source))
    items = right + wrong
    rng.shuffle(items)
    claims = [
        {"evidence": [n], "text": quote} for n, (quote, source) in enumerate(items, 1) if (quote, source) in right
    ]
    return Example("write", {"question": question, "evidence": evidence(items)}, written({"claims": claims}))


def answer(rng: random.Random) -> Family:
    return [rng.choice((answer_natural, answer_natural, answer_natural, answer_records))(rng)]


def answer_natural(rng: random.Random) -> Example:
    kinds = questions.natural()
    asked = rng.choice(kinds[rng.choices(("new_wiki", "reddit", "amazon"), (7, 2, 1))[0]])
    text = claim(asked.sentences[asked.right[0]], asked.answer)
    if asked.answer not in text or len(asked.answer.split()) > 12:
        return answer_natural(rng)
    spare = [claim(s, "") for i, s in enumerate(asked.sentences) if i not in asked.right and i not in asked.unsure]
    claims = [text, *rng.sample(spare, min(len(spare), rng.choice((0, 0, 0, 1, 2))))]
    rng.shuffle(claims)
    return Example("answer", {"claims": claims, "question": asked.question}, written({"answer": asked.answer}))


def answer_records(rng: random.Random) -> Example:
    thing = records.record(rng, rng.choice(("", None)))
    field = rng.choice(sorted(thing.lines))
    chosen = {field, *(i for i in thing.lines if rng.random() < 0.15)}
    claims = [records.line(*thing.lines[i]) for i in rng.sample(sorted(chosen), len(chosen))]
    values = {"claims": claims, "question": records.question(field, thing, rng)}
    return Example("answer", values, written({"answer": thing.lines[field][1]}))
