"""Documents that a question names by their folder or file, or as the last of a series: `What is the rent of Mill Street?` means
mill-street/lease.md, whose text says nowhere whose lease it is."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.document import Document
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.rarity import documents_with
from agentflow.corpus.store import Corpus
from agentflow.research.passages.dated import YEAR
from agentflow.research.passages.series import end_of_series
from agentflow.research.passages.titled import FEW, SHARE, Scope, own_documents
from agentflow.research.question.planning import MOST
from agentflow.text.fold import unaccented
from agentflow.text.names import TITLES, capitals, name_runs
from agentflow.text.numbers import MONTH
from agentflow.text.words import STOP, content_words

CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
PART = re.compile(r"[^\W\d_]+|\d+")
AND = re.compile(r"\s*(?:,|,?\s*(?:and|or|und|oder))\s+(?:(?:in|of|for|at|the|von|für)\s+)*", re.IGNORECASE)
COMPARES = re.compile(r"\b(?:which|compar\w+|differ\w*|between|than|more|less|total|together)\b", re.IGNORECASE)
COMPARE = re.compile(r"compare (?:the )?", re.IGNORECASE)
BLANK = r"[\W_]*"
MOST_PLACES = 50  # that a question means
SHORTEST = 3  # letters of a word that tells one place from another


class NamedPlace(NamedTuple):
    """A folder or file that a question names: its words, and the ids of the documents there."""

    path: str
    name: str
    documents: set[int]


def placed(corpus: Corpus, question: str, scope: Scope) -> list[NamedPlace]:
    """The folders and files that the question names, of the documents for which it names most. None where one name means all
    documents or very many places, or where many other documents speak of such a thing: then it is no name."""
    asked, runs = set(spelled(question)), named_in(question)
    asked |= {str(MONTH[word]) for word in asked & MONTH.keys()}
    documents = own_documents(corpus, scope)
    if end := end_of_series(question, documents):
        name, last = end
        return [NamedPlace(os.path.join(os.path.abspath(corpus.base), last.path), name, {last.id})]
    files = {document.id: os.path.join(os.path.abspath(corpus.base), document.path) for document in documents}
    folders = [os.path.dirname(file) for file in files.values()]
    above = os.path.commonpath([min(folders), max(folders)]) if folders else ""
    found: dict[str, NamedPlace] = {}
    score = Counter[int]()
    for document in documents:
        for path, name in places(files[document.id], above, asked, runs):
            if path != files[document.id] or not is_title(name, document):
                found.setdefault(path, NamedPlace(path, name, set())).documents.add(document.id)
                score[document.id] += sum(1 if word.isdigit() else 2 for word in name.split())
    most = max(score.values(), default=0)
    meant = {document for document, named in score.items() if named == most}
    best = [place._replace(documents=place.documents & meant) for place in found.values() if place.documents & meant]
    inside = Counter[str]()
    for place in best:
        inside[place.name] += len(place.documents)
    few = max(FEW, SHARE * len(documents))
    is_name = len(best) <= MOST_PLACES and any(documents_with(corpus, name) - inside[name] <= few for name in inside)
    return best if is_name and (len(inside) > 1 or len(meant) < len(documents)) else []


def places(file: str, above: str, asked: set[str], runs: list[set[str]]) -> Iterator[tuple[str, str]]:
    """The file and the folders over it, as far as not all others are in them, that are named; each with the words it is named by."""
    inner = file.removeprefix(above).strip(os.sep)
    if inner.isascii() and not any(word in inner.lower() for word in asked):
        return
    parts = inner.split(os.sep)
    for depth, part in enumerate(parts, 1):
        if name := telling(os.path.splitext(part)[0] if depth == len(parts) else part, asked, runs):
            yield os.sep.join([above.rstrip(os.sep), *parts[:depth]]), name


def telling(name: str, asked: set[str], runs: list[set[str]]) -> str:
    """What of a place's name is asked for: its words, where these are all asked for or the names among them, and its numbers,
    which name nothing alone but for a year."""
    parts = spelled(name)
    numbers = [part for part in parts if part.isdigit() and part in asked]
    words = [part for part in parts if not part.isdigit()]
    if not set(words) <= asked:
        words = [word for word in words if any(word in run and run <= set(words) for run in runs)]
    return " ".join([*words, *numbers]) if words or any(map(YEAR.fullmatch, numbers)) else ""


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


def at_each_place(context: Context, question: str, parts: Sequence[str]) -> list[str]:
    """The parts of a question, one that names several places asked of each; one that names none asks of those that the whole
    question names. What compares places stays as it is."""
    corpus, scope = context.corpus, context.searcher.scope
    where = ", ".join(dict.fromkeys(place.name for place in placed(corpus, question, scope)))
    found: list[str] = []
    for part in parts:
        named = placed(corpus, part, scope)
        if where and not named and len(parts) > 1:
            part = f"{part.rstrip('? ')} ({where})?"
        found += of_each(part, [place.name for place in named])
    return found[:MOST]


def of_each(question: str, names: Sequence[str]) -> list[str]:
    """`What is the rent of A?` and `What is the rent of B?` for `What is the rent of A and B?`"""
    spans = [
        span.span()
        for name in dict.fromkeys(names)
        if (span := re.search(rf"(?<!\w){BLANK.join(map(re.escape, name.split()))}(?!\w)", question, re.IGNORECASE))
    ]
    spans.sort()
    if (compared := COMPARE.match(question)) and len(spans) > 1:
        asked = [f"What is the {question[compared.end() : spans[0][0]]}{question[start:end]}?" for start, end in spans]
        return asked if spans[0][0] > compared.end() else [question]
    joined = all(AND.fullmatch(question[one[1] : other[0]]) for one, other in pairwise(spans))
    if len(spans) < 2 or len(spans) < len(set(names)) or not joined or COMPARES.search(question):
        return [question]
    return [question[: spans[0][0]] + question[start:end] + question[spans[-1][1] :] for start, end in spans]


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
            kept.append(replace(passage, lies_in=", ".join(own)))
            inside = True
        elif any(tells_of(place.name, passage) for place in named):
            kept.append(passage)
    return kept if inside else list(passages)


def tells_of(name: str, passage: Passage) -> bool:
    return set(content_words(name)) <= set(content_words(f"{passage.source} {passage.text}"))
