"""A passage of a document at another site: the shape in which it travels, and in which it is kept here."""

from typing import Annotated

from pydantic import Field

from agentflow.corpus.blocks import BlockKind
from agentflow.corpus.passage import Place
from agentflow.storage.strict import Strict

SHA256 = "^[0-9a-f]{64}$"
MOST_OFFSET = 16_000_000  # characters: passages further on in a document do not travel
MOST_TEXT = 20_000  # characters of one passage
MOST_SENTENCES = 500  # of one passage
DAY = r"^$|^\d{4}(-\d{2}(-\d{2})?)?$"
Day = Annotated[str, Field(pattern=DAY)]
Number = Annotated[int, Field(ge=1, le=10**8)]
Offset = Field(ge=0, le=MOST_OFFSET + MOST_TEXT)


class SiteDocument(Strict):
    """`sha256` is of the document's file as the site read it; `path` is the site's own."""

    path: str = Field(min_length=1, max_length=500)
    sha256: str = Field(pattern=SHA256)
    title: str = Field(max_length=500)
    kind: str = Field(pattern=r"^[\w.+-]{0,40}$")
    date: Day
    author: str = Field(default="", max_length=500)


class SiteSentence(Strict):
    """`start` and `end` are offsets into the document's text; `sha256` is of the sentence. The rest as in Sentence and
    Place."""

    start: int = Offset
    end: int = Offset
    sha256: str = Field(pattern=SHA256)
    citable: bool
    kind: BlockKind
    line: Number
    page: Number | None = None
    part: str = Field(default="", max_length=200)

    def place(self, path: str, ocr: float | None) -> Place:
        return Place(path, self.line, self.page, self.part, ocr)


class SitePassage(Strict):
    document: SiteDocument
    heading: str = Field(max_length=1000)
    start: int = Offset
    text: str = Field(min_length=1, max_length=MOST_TEXT)
    sentences: list[SiteSentence] = Field(min_length=1, max_length=MOST_SENTENCES)
    ocr: float | None = Field(default=None, ge=0, le=1)
