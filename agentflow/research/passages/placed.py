"""Documents that a question names by their folder or file, or as the last of a series: `What is the rent of Mill Street?` means
mill-street/lease.md, whose text says nowhere whose lease it is."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.document import Document
from agentflow.corpus.filter import Filter
from agentflow.corpus.memo import of_corpus
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import documents_with
from agentflow.corpus.store import Corpus
from agentflow.research.passages.dated import YEAR
from agentflow.research.passages.series import end_of_series
from agentflow.research.passages.titled import FEW, SHARE, Scope, own_documents
from agentflow.text.fold import unaccented
from agentflow.text.names import TITLES, capitals, name_runs
from agentflow.text.numbers import MONTH
from agentflow.text.words import STOP, content_words

CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
PART = re.compile(r"[^\W\d_]+|\d+")
MOST_PLACES = 50  # that a question means
SHORTEST = 3  # letters of a word that tells one place from another


class NamedPlace(NamedTuple):
    """A folder or file that a question names: by which words, whether these are all or a whole name, and the ids of the documents
    there."""

    path: str
    name: str
    whole: bool
    documents: set[int]


@of_corpus
def placed(corpus: Corpus, question: str, scope: Scope) -> list[NamedPlace]:
    """The folders and files that the question names, of the documents for which it names most. None where one name means all
    documents or very many places, or where many other documents speak of such a thing: then it is no name."""
    asked, runs = set(spelled(question)), named_in(question)
    asked |= {str(MONTH[word]) for word in asked & MONTH.keys()}
    documents = own_documents(corpus, scope)
    if end := end_of_series(question, documents):
        name, last = end
        return [NamedPlace(os.path.join(os.path.abspath(corpus.base), last.path), name, True, {last.id})]
    files = {document.id: os.path.join(os.path.abspath(corpus.base), document.path) for document in documents}
    folders = [os.path.dirname(file) for file in files.values()]
    above = os.path.commonpath([min(folders), max(folders)]) if folders else ""
    every: dict[str, NamedPlace] = {}
    for document in documents:
        for path, name, whole in places(files[document.id], above, asked, runs):
            if path != files[document.id] or not is_title(name, document):
                every.setdefault(path, NamedPlace(path, name, whole, set())).documents.add(document.id)
    found = told_apart(every.values())
    score = Counter[int]()
    for place in found:
        score.update(dict.fromkeys(place.documents, sum(1 if word.isdigit() else 2 for word in place.name.split())))
    most = max(score.values(), default=0)
    meant = {document for document, named in score.items() if named == most}
    best = [place._replace(documents=place.documents & meant) for place in found if place.documents & meant]
    inside = Counter[str]()
    for place in best:
        inside[place.name] += len(place.documents)
    few = max(FEW, SHARE * len(documents))
    is_name = len(best) <= MOST_PLACES and any(documents_with(corpus, name) - inside[name] <= few for name in inside)
    return best if is_name and (len(inside) > 1 or len(meant) < len(documents)) else []


def places(file: str, above: str, asked: set[str], runs: list[set[str]]) -> Iterator[tuple[str, str, bool]]:
    """The file and the folders over it, as far as not all others are in them, that are named; each with the words it is named by,
    and whether these are a whole name."""
    inner = file.removeprefix(above).strip(os.sep)
    if inner.isascii() and not any(word in inner.lower() for word in asked):
        return
    parts = inner.split(os.sep)
    for depth, part in enumerate(parts, 1):
        path = os.sep.join([above.rstrip(os.sep), *parts[:depth]])
        words = spelled(part if depth < len(parts) else os.path.splitext(part)[0])
        if name := telling(words, asked, runs):
            yield path, name, True
        elif depth < len(parts) and (known := [word for word in words if word in asked and not word.isdigit()]):
            yield path, " ".join(known), False


def told_apart(named: Iterable[NamedPlace]) -> list[NamedPlace]:
    """Those named whole, and those of whose names a part is told that no other has: `the library` among `riverside-library` and
    `lighthouse-cafe`."""
    paths: dict[str, set[str]] = {}
    for place in named:
        for word in place.name.split():
            paths.setdefault(word, set()).add(place.path)
    return [place for place in named if place.whole or all(len(paths[word]) == 1 for word in place.name.split())]


def telling(words: Sequence[str], asked: set[str], runs: list[set[str]]) -> str:
    """What of a place's name is asked for: its words, where these are all asked for or the names among them, and its numbers,
    which name nothing alone but for a year."""
    numbers = [word for word in words if word.isdigit() and word in asked]
    names = [word for word in words if not word.isdigit()]
    if not set(names) <= asked:
        names = [word for word in names if any(word in run and run <= set(names) for run in runs)]
    return " ".join([*names, *numbers]) if names or any(map(YEAR.fullmatch, numbers)) else ""


def named_in(question: str) -> list[set[str]]:
    """The names in the question, each with all its words but titles: `Mill Street`, `Albrecht` of `Mr Albrecht`."""
    runs = name_runs([name for name in capitals(question) if not name.opens])
    return [set(words) for run in runs if (words := spelled(" ".join(word for word in run if word not in TITLES)))]


def spelled(text: str) -> list[str]:
    """The words and numbers of a text or a name, `MillStreet_2020` as well: small, without accents, short and stop words."""
    parts = [part.lower() for part in PART.findall(CAMEL.sub(" ", unaccented(text)))]
    return [
        part.lstrip("0") if part.isdigit() else part
        for part in parts
        if part.isdigit() or (len(part) >= SHORTEST and part not in STOP)
    ]


def is_title(name: str, document: Document) -> bool:
    """Whether a file's title says as much as its name. One without a title has the name of its file."""
    return document.title != os.path.basename(document.path) and set(name.split()) <= set(spelled(document.title))


async def search_placed(context: Context, question: str, k: int, where: Filter | None) -> Sequence[Passage]:
    """The `k` best passages of what the question names by its place; none where it names no place."""
    named = placed(context.corpus, question, context.searcher.scope)
    if not named:
        return []
    roots = [place.path for place in named]
    return await context.searcher.search(question, k=k, where=(where or Filter()).model_copy(update={"roots": roots}))


def of_the_place(corpus: Corpus, question: str, passages: Sequence[Passage]) -> list[Passage]:
    """Those of the passages that lie where the question says, with its name, and those that speak of it;
    all where none lies there."""
    named = placed(corpus, question, None)
    kept, inside = [], False
    for passage in passages:
        if own := [place.name for place in named if passage.document in place.documents]:
            kept.append(replace(passage, lies_in=", ".join([*own, *spelt_together(question, own)])))
            inside = True
        elif any(tells_of(place.name, passage) for place in named):
            kept.append(passage)
    return kept if inside else list(passages)


def spelt_together(question: str, names: Sequence[str]) -> list[str]:
    """The words of the question that a name has in parts: `smith2020`."""
    known = set(" ".join(names).split())
    return [word for word in question.split() if len(parts := spelled(word)) > 1 and set(parts) <= known]


def tells_of(name: str, passage: Passage) -> bool:
    return set(content_words(name)) <= set(content_words(f"{passage.source} {passage.text}"))
