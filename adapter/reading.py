"""Families of the answer prompt: passages as a search would find them, and many questions on them, some without answer."""

import random
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from adapter import corpus, records
from adapter.bm25 import BM25
from adapter.example import Example, Family, example
from adapter.questions import Asked, natural

TOKENS = 1_000  # of all passages, estimated at four characters each
MOST_ASKED = 16
UNANSWERED = 0.1  # strangers' questions for each that is answered
OPEN, ABSENT, GONE = 0.4, 0.12, 0.5  # how often an open question, a field a record lacks, a thing not shown is asked of
ASKED_SOONER = 1.5


@dataclass(eq=False)
class Paragraph:
    """One paragraph with all questions on it."""

    title: str
    sentences: list[str]
    asked: list[Asked] = field(default_factory=list)
    open: list[str] = field(default_factory=list)  # questions near it that nobody answers

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


class Library:
    """The paragraphs of one source, and the search over them; `named`: their titles are what a prompt calls them."""

    def __init__(self, paragraphs: list[Paragraph], named: bool = False) -> None:
        self.paragraphs, self.named = paragraphs, named
        self.roots = [paragraph for paragraph in paragraphs if paragraph.asked]
        self.search = BM25([paragraph.text for paragraph in paragraphs])

    def around(self, root: Paragraph, question: str, count: int) -> list[Paragraph]:
        """The root and the paragraphs that a search for the question would put beside it, best first; those that are asked of as
        well a little sooner, for a tree then teaches more."""
        scores = [
            score * (ASKED_SOONER if paragraph.asked else 1.0)
            for score, paragraph in zip(self.search.scores(question), self.paragraphs, strict=True)
        ]
        ranked = sorted(range(len(scores)), key=lambda place: -scores[place])[:count]
        best = [self.paragraphs[place] for place in ranked]
        return best if root in best else [root, *best[: count - 1]]


@cache
def library(name: str) -> Library:
    found: dict[str, Paragraph] = {}
    for item in natural()[name]:
        text = " ".join(item.sentences)
        found.setdefault(text, Paragraph(item.title, item.sentences)).asked.append(item)
    return Library(list(found.values()))


def natural_prose(rng: random.Random) -> Family:
    return prose(rng, library(rng.choices(("new_wiki", "reddit", "amazon"), (5, 2, 2))[0]))


def prose(rng: random.Random, store: Library) -> Family:
    """One to six paragraphs and up to sixteen questions on them; the root's come first."""
    root = rng.choice(store.roots)
    first = rng.choice(root.asked)
    chosen = store.around(root, first.question, rng.choices((1, 2, 3, 4, 5, 6), (3, 1, 2, 2, 3, 3))[0])
    chosen = fitting(chosen, root)
    if rng.random() < 0.6:
        rng.shuffle(chosen)
    names = [item.title for item in chosen] if store.named else titles(chosen, rng)
    passages, number = numbered([(names[place], item.sentences) for place, item in enumerate(chosen)])
    rest = [item for paragraph in chosen if paragraph is not root for item in paragraph.asked]
    asked = [*root.asked, *rng.sample(rest, len(rest))][:MOST_ASKED]
    family = []
    for item in asked:
        place = next(place for place, paragraph in enumerate(chosen) if item in paragraph.asked)
        answer = {"answer": item.answer, "sentence": number[place, item.right[0]]}
        family.append(example("cited_answer", answer, passages=passages, question=item.question))
    family += [
        nothing(passages, question) for paragraph in chosen for question in paragraph.open if rng.random() < OPEN
    ]
    shown = " ".join(paragraph.text for paragraph in chosen).lower()
    for _ in range(int(len(family) * UNANSWERED + rng.random())):
        stranger = missing(store, first, chosen, shown, rng)
        if stranger:
            family.append(nothing(passages, stranger.question))
    return family


def missing(store: Library, first: Asked, chosen: list[Paragraph], shown: str, rng: random.Random) -> Asked | None:
    """A question of a like paragraph that is not shown, whose answer stands nowhere in what is shown."""
    scores = store.search.scores(first.question)
    ranked = sorted(range(len(scores)), key=lambda place: -scores[place])[:40]
    near = [store.paragraphs[place] for place in ranked if store.paragraphs[place] not in chosen]
    pool = [item for paragraph in (near or store.paragraphs) for item in paragraph.asked]
    for item in rng.sample(pool, min(len(pool), 8)):
        if item.answer.lower() not in shown:
            return item
    return None


def fitting(paragraphs: list[Paragraph], root: Paragraph) -> list[Paragraph]:
    left, kept = TOKENS * 4 - len(root.text), [root]
    for paragraph in paragraphs:
        if paragraph is not root and len(paragraph.text) <= left:
            kept.append(paragraph)
            left -= len(paragraph.text)
    return [paragraph for paragraph in paragraphs if paragraph in kept]


def titles(chosen: list[Paragraph], rng: random.Random) -> list[str]:
    """Batch names of the data say nothing: such paragraphs get made-up titles."""
    named: dict[str, str] = {}
    found = []
    for paragraph in chosen:
        real = paragraph.title[:7] not in ("", "Filtere", "Amazon ", "Reddit ", "reddit ")
        subject = paragraph.title if real else corpus.title(rng, 1, 3)
        found.append(named.setdefault(subject, corpus.document_name(rng, subject)) if real else subject)
    return found


def numbered(groups: list[tuple[str, list[str]]]) -> tuple[list[dict[str, Any]], dict[tuple[int, int], int]]:
    """Passages as the prompt takes them, and the number of each sentence by its place."""
    passages: list[dict[str, Any]] = []
    number: dict[tuple[int, int], int] = {}
    for place, (source, sentences) in enumerate(groups):
        lines = []
        for nth, sentence in enumerate(sentences):
            number[place, nth] = len(number) + 1
            lines.append({"number": len(number), "text": sentence})
        passages.append({"source": source, "sentences": lines})
    return passages, number


def nothing(passages: list[dict[str, Any]], question: str) -> Example:
    return example("cited_answer", {"answer": "", "sentence": 0}, passages=passages, question=question)


def headers(rng: random.Random) -> Family:
    """Records of one kind and questions on their fields; a field that a record lacks has no answer."""
    thing = records.record(rng, rng.choice(("", None, None)))
    labels = {i: label for i, (label, _) in thing.lines.items()}
    things = [thing]
    for _ in range(rng.choice((0, 1, 2, 3, 4))):
        kept = {i: label for i, label in labels.items() if rng.random() < 0.85} or labels
        things.append(records.record(rng, thing.prefix, kept))
    # As of most corpora, only some passages are headers: the others are prose.
    strangers = loose(rng, rng.choice((1, 2, 3))) if rng.random() < 0.6 else []
    groups = [(item.source, body(item, rng)) for item in things] + strangers
    rng.shuffle(groups)
    passages, number = numbered(groups)
    places = {source: place for place, (source, _) in enumerate(groups)}
    family: Family = []
    for item in things:
        lines = groups[places[item.source]][1]
        for i in rng.sample(sorted(item.lines), min(len(item.lines), 4)):
            label, value = item.lines[i]
            spot = number[places[item.source], lines.index(records.line(label, value))]
            question = records.question(i, item, rng)
            family.append(
                example("cited_answer", {"answer": value, "sentence": spot}, passages=passages, question=question)
            )
        absent = [i for i in range(len(records.FIELDS)) if unlike(i, item)]
        if absent and rng.random() < ABSENT:
            family.append(nothing(passages, records.question(rng.choice(absent), item, rng)))
    if rng.random() < GONE:
        gone = records.record(rng, thing.prefix, labels)  # a thing that no passage tells of
        family.append(nothing(passages, records.question(rng.choice(sorted(gone.lines)), gone, rng)))
    return rng.sample(family, min(len(family), MOST_ASKED))


def unlike(i: int, item: records.Record) -> bool:
    """Whether a field is missing from the record and no field that it has could be meant instead."""
    have = {records.FIELDS[j].value for j in item.lines}
    return i not in item.lines and records.FIELDS[i].value not in have


def loose(rng: random.Random, count: int) -> list[tuple[str, list[str]]]:
    """Paragraphs of prose, each with a made-up source."""
    found = []
    for document in rng.sample(corpus.documents(), count):
        name = corpus.document_name(rng, corpus.title(rng, 1, 3))
        found.append((name, rng.choice(document.paragraphs)[:8]))
    return found


def body(item: records.Record, rng: random.Random) -> list[str]:
    """The record's lines; now and then with its title as a line and a sentence of prose behind them."""
    lines = [records.line(*item.lines[i]) for i in item.lines]
    if rng.random() < 0.4:
        lines.insert(0, f"Title: {item.title}")
    if rng.random() < 0.3:
        lines += rng.choice(rng.choice(corpus.documents()).paragraphs)[:3]
    return lines
