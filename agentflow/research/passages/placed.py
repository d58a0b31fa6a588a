"""Documents that a question names by their folder or file: `What is the rent of Mill Street?` means mill-street/lease.md, whose
text says nowhere whose lease it is."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.document import Document
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.rarity import documents_with
from agentflow.corpus.store import Corpus
from agentflow.research.passages.dated import YEAR
from agentflow.research.passages.titled import FEW, SHARE, Scope, own_documents, plain
from agentflow.text.words import STOP, content_words

SHORTEST = 3  # letters of a word that tells one place from another


class NamedPlace(NamedTuple):
    """A folder or file that a question names: its words, and the ids of the documents there."""

    path: Path
    name: str
    documents: set[int]


def placed(corpus: Corpus, question: str, scope: Scope) -> list[NamedPlace]:
    """The folders and files that the question names, of the documents for which it names most; none where these are all
    documents, or where many others speak of such a thing: then it is no name."""
    asked = {word for word in plain(question).split() if len(word) >= SHORTEST and word not in STOP}
    documents = own_documents(corpus, scope)
    files = {document.id: os.path.join(os.path.abspath(corpus.base), document.path) for document in documents}
    folders = [os.path.dirname(file) for file in files.values()]
    above = os.path.commonpath([min(folders), max(folders)]) if folders else ""
    found: dict[Path, NamedPlace] = {}
    for document in documents:
        for path, name in places(files[document.id], above, asked):
            if str(path) != files[document.id] or not is_title(name, document):
                found.setdefault(path, NamedPlace(path, name, set())).documents.add(document.id)
    most = max((names(found, document.id) for document in documents), default=0)
    meant = {document.id for document in documents if names(found, document.id) == most}
    best = [place._replace(documents=place.documents & meant) for place in found.values() if place.documents & meant]
    others = [documents_with(corpus, place.name) - len(place.documents) for place in best]
    rare = others and min(others) <= max(FEW, SHARE * len(documents))
    return best if rare and len(meant) < len(documents) else []


def places(file: str, above: str, asked: set[str]) -> Iterator[tuple[Path, str]]:
    """The file and the folders over it, as far as not all others are in them, that the words name; each with those words."""
    inner = file.removeprefix(above).strip(os.sep)
    if not any(word in inner.lower() for word in asked):
        return
    parts = inner.split(os.sep)
    for depth, part in enumerate(parts, 1):
        if name := telling(Path(part).stem if depth == len(parts) else part, asked):
            yield Path(above, *parts[:depth]), name


def telling(name: str, asked: set[str]) -> str:
    """What of a name is asked for: its words, where these are all asked for, and its years."""
    words = plain(name).split()
    telling = [word for word in words if len(word) >= SHORTEST and word not in STOP and not word.isdigit()]
    years = [word for word in words if YEAR.fullmatch(word) and word in asked]
    return " ".join([*(telling if set(telling) <= asked else ()), *years])


def is_title(name: str, document: Document) -> bool:
    """Whether a file's title says as much as its name. One without a title has the name of its file."""
    return document.title != Path(document.path).name and set(name.split()) <= set(plain(document.title).split())


def names(found: dict[Path, NamedPlace], document: int) -> int:
    return sum(len(place.name.split()) for place in found.values() if document in place.documents)


async def search_placed(context: Context, question: str, k: int, where: Filter | None) -> Sequence[Passage]:
    """The `k` best passages of what the question names by its place; none where it names no place."""
    named = placed(context.corpus, question, context.searcher.scope)
    roots = {"roots": [str(place.path) for place in named]}
    return (
        await context.searcher.search(question, k=k, where=(where or Filter()).model_copy(update=roots))
        if named
        else []
    )


def of_the_place(corpus: Corpus, question: str, passages: Sequence[Passage]) -> list[Passage]:
    """Those of the passages that lie where the question says, with its name, and those that speak of it;
    all where none lies there."""
    named = placed(corpus, question, None)
    kept, inside = [], False
    for passage in passages:
        if own := [place.name for place in named if passage.document in place.documents]:
            kept.append(replace(passage, lies_in=", ".join(own)))
            inside = True
        elif any(tells_of(place.name, passage) for place in named):
            kept.append(passage)
    return kept if inside else list(passages)


def tells_of(name: str, passage: Passage) -> bool:
    return set(content_words(name)) <= set(content_words(f"{passage.source} {passage.text}"))
