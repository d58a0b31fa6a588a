"""The text around each quote of a report, for a reader who wants to see where it stands."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from agentflow.corpus.store import Corpus
from agentflow.research.report.schema import Quote, Report

AROUND = 600  # characters on each side


class Around(NamedTuple):
    """`before` + the quote + `after` is one stretch of the document's text; both are empty where it is not there now."""

    before: str = ""
    after: str = ""


def around(database: Path, report: Report) -> dict[int, Around]:
    """By the number of the quote."""
    with closing(Corpus.open(database)) as corpus:
        return {quote.id: _around(corpus, quote) for quote in report.evidence}


def _around(corpus: Corpus, quote: Quote) -> Around:
    for document, first, text in _stretches(corpus, quote.path):
        places: list[int] = []
        start = text.find(quote.quote)
        while start >= 0 and len(places) < 50:
            places.append(start)
            start = text.find(quote.quote, start + 1)
        if places:
            told = (place for place in places if corpus.locate(document, first + place).line == quote.line)
            at = next(told, places[0])
            return Around(_tail(text[:at]), _head(text[at + len(quote.quote) :]))
    return Around()


def _stretches(corpus: Corpus, path: str) -> Iterator[tuple[int, int, str]]:
    """(document, offset, text) of what is known of it: all, or of a document at a site the passages that it sent."""
    yield from corpus.rows(
        "SELECT document, 0, text FROM texts JOIN documents ON documents.id = document WHERE path = ?", [path]
    )
    for version in reversed(corpus.copies.received([path]).get(path, [])):
        for passage in corpus.copies.of_document(version.id):
            yield version.id, passage.start, passage.text


def _tail(text: str) -> str:
    """From the start of a word."""
    if len(text) <= AROUND:
        return text
    return "… " + text[-AROUND:].partition(" ")[2]


def _head(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + " …"
