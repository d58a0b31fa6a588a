"""Evidence by reference: the model names a sentence, the engine copies its exact span."""

import csv
import hashlib
import re
from dataclasses import dataclass, replace

from agentflow.corpus.passage import Passage, Sentence, quote_place
from agentflow.corpus.store import Corpus
from agentflow.text.scripts import SEAM

FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One exact quote. `id` depends on the document's path and content and on the span alone, so it survives forks.

    `quote` is `document_text[start:end]`, character for character; `line` counts from 1; `page` is None for text;
    `part` is what a file has in place of pages (`slide 3`), empty for none;
    `date` is the document's own (ISO), empty if unknown.
    """

    id: str
    quote: str
    path: str
    line: int
    page: int | None
    start: int
    end: int
    source: str
    date: str
    part: str = ""

    @property
    def place(self) -> str:
        return quote_place(self.path, self.line, self.page, self.part)

    @property
    def text(self) -> str:
        """The quote on one line, as prompts show it: without the fences of code."""
        return one_line(FENCE.sub(" ", self.quote)) or one_line(self.quote)

    @property
    def cells(self) -> str:
        return cells(self.path, self.text)


def cite(corpus: Corpus, passage: Passage, sentence: Sentence) -> Evidence:
    """Makes a sentence quotable: with its place and the identity of what it was copied from."""
    document = corpus.document(passage.document)
    place = corpus.locate(passage.document, sentence.start)
    key = f"{document.path}\0{document.sha256}\0{sentence.start}\0{sentence.end}"
    return Evidence(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        quote=sentence.text,
        path=str(document.path),
        line=place.line,
        page=place.page,
        start=sentence.start,
        end=sentence.end,
        source=replace(passage, lies_in="").source_at(sentence.start),  # the path tells it
        date=document.date or "",
        part=place.part,
    )


def cells(path: str, text: str) -> str:
    """For comparing words: a comma-separated row with its cells apart, of which `7,618` else reads as one number."""
    if not path.lower().endswith(".csv") or ";" in text or "\t" in text:
        return text
    try:
        return " ; ".join(next(csv.reader([text]), []))
    except csv.Error:
        return text


def one_line(text: str) -> str:
    """A line end is a blank, but between letters of scripts that set none."""
    return " ".join(SEAM.sub("", text).split())
