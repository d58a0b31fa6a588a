"""Paragraphs, sentences and the small word tools that the data makers share."""

import random
import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from adapter.split import training_rows

PROSE = ("wiki", "expository", "pylibs", "government", "books")
SHARES = {"wiki": 1.0, "expository": 1.0, "pylibs": 0.6, "government": 0.5, "books": 0.12}
STOP = frozenset(
    "a an the and or but nor of in on at to for from by with about as into over under after before between through during is are"
    " was were be been being am do does did done has have had having will would can could may might must shall should it its"
    " this that these those there here he she they them his her their our your my we you i me us who whom whose which what when"
    " where why how not no yes so if then than too very also just only such some any all each every both more most other same"
    " own out up down off again once because while until although however s t re ve ll d".split()
)
ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|etc|No|Inc|Ltd|Co|e\.g|i\.e|cf|ca|al|Fig|approx|U\.S|[A-Z]))\.$"
)
BOUNDARY = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")


class Document(NamedTuple):
    """Some paragraphs of one source, each as a list of sentences."""

    source: str
    paragraphs: list[list[str]]


def sentences(text: str) -> list[str]:
    """Sentences of 3 words or more, in order; longer ones are cut at 420 characters, as the corpus cuts them."""
    found: list[str] = []
    start = 0
    for match in BOUNDARY.finditer(text):
        if ABBREVIATION.search(text[: match.start()].rstrip("\"'”’)]")):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    found.append(text[start:].strip())
    return [s if len(s) <= 420 else s[:420].rsplit(" ", 1)[0] for s in found if len(s.split()) >= 3]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", text)


def content(text: str) -> list[str]:
    """Words that carry meaning, in order, as written."""
    return [w for w in words(text) if w.lower() not in STOP and (len(w) > 2 or w.isdigit())]


@cache
def documents() -> list[Document]:
    """The prose, sampled by SHARES, grouped in runs of up to four neighbouring paragraphs of one source."""
    rng = random.Random(7)
    found: list[Document] = []
    for name in PROSE:
        by_source: dict[str, list[list[str]]] = defaultdict(list)
        for row in training_rows(f"text/{name}.jsonl.gz"):
            split = sentences(row["text"])
            if split:
                by_source[row["source"]].append(split)
        for source, paragraphs in by_source.items():
            runs = [Document(source, paragraphs[i : i + 4]) for i in range(0, len(paragraphs) - 3, 4)]
            found += [run for run in runs if rng.random() < SHARES[name]]
    rng.shuffle(found)
    return found


@cache
def people() -> list[str]:
    """Names that open a biography in the encyclopaedia prose."""
    opening = re.compile(r"^((?:[A-Z][\w'’-]+ ){1,3}[A-Z][\w'’-]+) \(")
    rows = (opening.match(row["text"]) for row in training_rows("text/wiki.jsonl.gz"))
    return sorted({m.group(1) for m in rows if m})


@cache
def vocabulary() -> list[str]:
    """Common lower-case content words, for made-up titles."""
    counts: dict[str, int] = defaultdict(int)
    for document in documents()[:4000]:
        for paragraph in document.paragraphs:
            for sentence in paragraph:
                for word in content(sentence)[1:]:
                    if word.islower() and word.isalpha() and len(word) > 3:
                        counts[word] += 1
    return sorted(w for w, n in counts.items() if n >= 8)


def title(rng: random.Random, low: int = 1, high: int = 4) -> str:
    chosen = rng.sample(vocabulary(), rng.randint(low, high))
    joined = " ".join(chosen)
    return rng.choice((joined.title(), joined.capitalize(), joined.title()))


def document_name(rng: random.Random, subject: str) -> str:
    """How a source is named to the model: a title, a file, a file and a heading."""
    stem = re.sub(r"\W+", rng.choice("_-"), subject.lower()).strip("_-")
    folder = rng.choice(("notes", "docs", "papers", "wiki", "data", "reports", "src"))
    suffix = rng.choice(("md", "txt", "html", "pdf", "rst"))
    heading = rng.choice((subject, "Introduction", "Overview", "History", "Background", title(rng, 1, 3)))
    return rng.choice(
        (
            subject,
            subject,
            f"{folder}/{stem}.{suffix}",
            f"{stem}.{suffix}",
            f"{folder}/{stem}.{suffix} › {heading}",
            f"{subject} › {heading}",
        )
    )
