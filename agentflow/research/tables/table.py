"""Rows with named columns, of whatever they are written in: a file of cells, a table in a text, records of JSON."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.store import Corpus
from agentflow.research.passages.of_kind import chunks_with
from agentflow.research.passages.rows import BAR, head_of
from agentflow.research.passages.rows import cells as barred
from agentflow.research.passages.shown import Candidate

BETWEEN = re.compile(r"[._/\\-]+")  # the words of a path
LARGEST = 1_000  # passages with rows of one document: some 8,000 rows


class TableRow(NamedTuple):
    """Its cells by the name of their column, and the passage and the lines it stands in: one line, but for a document that is
    a row itself, which has a line for each of its cells."""

    passage: Passage
    lines: dict[str, Sentence]
    cells: dict[str, str]
    kind: str = ""  # what a document that is a row is called, `invoice`

    @property
    def sentence(self) -> Sentence:
        return next(iter(self.lines.values()))

    @property
    def told(self) -> str:
        return "; ".join(f"{name}: {cell}" for name, cell in self.cells.items() if cell)

    @property
    def about(self) -> str:
        """What is said of it by where it stands."""
        passage = self.passage
        return BETWEEN.sub(
            " ", f"{passage.path} {passage.source_at(self.sentence.start)} {passage.place.part} {self.kind}"
        )

    def quotes(self, columns: Sequence[str]) -> list[Candidate]:
        """The lines that hold these columns, each once, in their order."""
        held = {self.lines[name].start: self.lines[name] for name in columns if name in self.lines}
        return [Candidate(self.passage, line) for _, line in sorted(held.items())] or [
            Candidate(self.passage, self.sentence)
        ]


def rows_of(corpus: Corpus, document: int) -> Iterator[TableRow]:
    """The rows of a document whose columns have names; none of one with more passages of rows than LARGEST."""
    passages = passages_with_rows(corpus, document)
    names, before, last = list[str](), "", 0
    text = corpus.text(document) if passages else ""
    for passage in passages:
        before = "" if text[last : passage.start].strip(" |\t\n") else before
        for sentence in passage.sentences:
            if sentence.kind == "columns":
                names = parts(passage.path, sentence.text)
            elif sentence.kind == "row":
                told = parts(passage.path, sentence.text)
                labelled = [part.partition(": ") for part in told]
                if before not in ("columns", "row") or (not names and len(told) > 1 and not labelled[0][1]):
                    names = head_of(text[: sentence.start])
                if 1 < len(told) < len(names):
                    told += [""] * (len(names) - len(told))  # a sheet ends where nothing more is written
                pairs = list(zip(names, told, strict=True)) if len(names) == len(told) else []
                if not pairs and all(colon for _, colon, _ in labelled):  # a record of JSON
                    pairs = [(name, value) for name, _, value in labelled]
                if cells := {name.replace("_", " "): value for name, value in pairs}:
                    yield TableRow(passage, dict.fromkeys(cells, sentence), cells)
            before, last = sentence.kind, sentence.end


def passages_with_rows(corpus: Corpus, document: int) -> list[Passage]:
    if document < 0:
        return [passage for passage in corpus.copies.of_document(document) if has_rows(passage)]
    chunks = chunks_with(corpus, [document], "columns", "row")
    return corpus.passages(chunks) if len(chunks) <= LARGEST else []


def has_rows(passage: Passage) -> bool:
    return any(sentence.kind == "row" for sentence in passage.sentences)


def parts(path: str, line: str) -> list[str]:
    """The cells of a line of a table, by the file's kind."""
    if path.lower().endswith((".csv", ".tsv")):
        return next(csv.reader([line], delimiter=max(",;\t", key=line.count)), [])
    return barred(line) if BAR.search(line) else [line]


def crosses_cells(path: str, line: str, piece: str) -> bool:
    """Whether a piece of a row begins in one cell and ends in another: `450.00,410.85`."""
    cells = parts(path, line)
    return len(cells) > 2 and piece in line and not any(piece.strip() in cell for cell in cells)
