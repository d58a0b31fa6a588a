"""A passage of a document and its sentences, each with the place it came from."""

from dataclasses import dataclass, field

from agentflow.corpus.blocks import BlockKind, name_of


@dataclass(frozen=True, slots=True)
class Place:
    """`line` counts from 1: in the file itself, or in the page of a PDF, or the paragraph of a Word document. `part` is
    what a file has in place of pages (`slide 3`, `sheet Costs`, `chapter 2`, `message 4`); the line is then counted in it. `ocr` is the confidence (0 to 1) with which a scanned page was read."""

    path: str
    line: int
    page: int | None = None
    part: str = ""
    ocr: float | None = None

    def __str__(self) -> str:
        if self.ocr is not None:
            return f"{self.path} p. {self.page}:{self.line} (OCR, {self.ocr:.0%} sure)"
        if self.part:
            return f"{self.path} ({self.part}):{self.line}"
        return f"{self.path}:{self.line}" if self.page is None else f"{self.path} p. {self.page}:{self.line}"


def quote_place(path: str, line: int, page: int | None, part: str) -> str:
    """Where a quote stands, as people read it: by its page, else by its line."""
    return f"{path} p. {page}" if page else str(Place(path, line, part=part))


@dataclass(frozen=True, slots=True)
class Sentence:
    """`number` counts from 1 in its passage; `start` and `end` are offsets into the document's text, whose slice is
    exactly `text`. Only a `citable` one says something by itself: headings, table rules and lone marks or figures stand
    in the passage for the reader, but no claim may rest on them; rows, list items and lines of code may be cited. `kind` is
    that of the block it stands in."""

    id: int
    chunk: int
    document: int
    number: int
    text: str
    start: int
    end: int
    citable: bool = True
    kind: BlockKind = "prose"

    @property
    def names(self) -> str:
        """The heading or name that it gives to what stands under it; empty for most."""
        return name_of(self.text, self.kind).strip("#=*_~`- ")


@dataclass(frozen=True, slots=True)
class Passage:
    """`score` is the searcher's own: compare it only within one result. `copies`: where else its text was found to stand.
    `lies_in`: the name of its folder or file, where a question has it."""

    chunk: int
    document: int
    path: str
    title: str
    heading: str
    text: str
    sentences: list[Sentence]
    place: Place
    start: int = 0
    score: float = 0.0
    terms: list[str] = field(default_factory=list)
    copies: list[Place] = field(default_factory=list)
    lies_in: str = ""

    @property
    def name(self) -> str:
        """The title, with the place that a question names."""
        return f"{self.title} ({self.lies_in})" if self.lies_in else self.title

    @property
    def under(self) -> str:
        """The lowest heading above it."""
        return self.heading.rsplit(" › ", 1)[-1]

    @property
    def source(self) -> str:
        """A short label for prompts: the name, then the heading."""
        return f"{self.name} › {self.heading}" if self.heading and self.heading != self.title else self.name

    def source_at(self, start: int) -> str:
        """The label of the sentence that begins at this offset: a passage of short sections stands under several headings."""
        above = [name_of(one.text, one.kind) for one in self.sentences if one.names and one.start <= start]
        name = above[-1] if above else ""
        if name in ("", self.under, self.title):
            return self.source
        return " › ".join([self.name, *self.heading.split(" › ")[:-1], name])
