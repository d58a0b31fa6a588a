"""A document to passages: whole sentences under one heading, small enough for the embedder's window."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from agentflow.corpus.blocks import LOWEST, Block, BlockKind, Extract, name_of
from agentflow.corpus.parsing.sentences import citable, sentences
from agentflow.corpus.parsing.tokens import estimate_tokens
from agentflow.corpus.readers.lines import field_of

# MiniLM reads 256 tokens, two of them marks; title and heading are embedded with the passage.
BODY_TOKENS = 184
LABEL_TOKENS = 44
COLUMN_TOKENS = 80  # what a reader is told of a table's columns; embedded are the first LABEL_TOKENS // 2
LEAST_TOKENS = 60
# A name in a program: `--all`, hosts, pip-lock, max_size, os.path
PROGRAM = re.compile(r"`[^`\n]+`|-{0,2}[a-z][a-z0-9-]*|(?!v?\d)\w*[_.]\w[\w./-]*")
QUESTION = re.compile(r"[?？؟][\s*_\"'”’»)]*$")
DRAWN = re.compile(r"[^\w\s]{4,}|(?<=\s)\|(?=\s)")  # underlines, table borders


class SentenceSpan(NamedTuple):
    """A sentence: an extent of the document's text, whether a claim may rest on it, and what it is (see Sentence)."""

    start: int
    end: int
    citable: bool
    kind: BlockKind


@dataclass(slots=True)
class Chunk:
    """The chunk reaches from its first sentence to its last."""

    heading: str
    sentences: list[SentenceSpan] = field(default_factory=list)
    tokens: int = 0

    @property
    def says_something(self) -> bool:
        return any(sentence.citable for sentence in self.sentences)

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end


def chunks(extract: Extract) -> Iterator[Chunk]:
    """Starts a new passage at a heading (once the last one has some length, and where the heading asks something), after a
    header block, at a page that text recognition read otherwise than the one before, and when full."""
    path: list[tuple[int, str]] = []
    columns = ""
    current = Chunk("")
    before: Block | None = None
    for block in named(extract):
        if block.kind in ("columns", "row"):
            columns = _one_line(extract, block) if block.kind == "columns" else columns
        else:
            columns = ""
        if block.level:
            path = [(level, name) for level, name in path if level < block.level]
        if name := name_of(extract.text[block.start : block.end], block.kind):
            path.append((block.level, name))
        left_header = before is not None and before.kind == "field" != block.kind and len(current.sentences) > 2
        rescanned = before is not None and _recognised(extract, before) != _recognised(extract, block)
        asks = block.kind == "heading" and is_question(path[-1][1])
        alone = (asks or is_question(current.heading)) and current.says_something
        opens = block.kind == "heading" or (block.kind == "term" and block.level < LOWEST)
        enough = opens and (alone or current.tokens >= LEAST_TOKENS)
        outside = block.level and not name
        if current.sentences and (left_header or rescanned or enough or outside):
            yield current
            current = Chunk("")
        if not current.sentences or asks:
            current.heading = _label(path, extract.title, columns if block.kind == "row" else "")
        for start, end in sentences(extract.text, block):
            tokens = embedded_tokens(extract.text[current.end if current.sentences else start : end])
            if current.sentences and current.tokens + tokens > BODY_TOKENS:
                yield current
                current = Chunk(_label(path, extract.title, columns))
                tokens = embedded_tokens(extract.text[start:end])
            kind = "item" if block.kind == "term" and start > block.start else block.kind
            current.sentences.append(SentenceSpan(start, end, citable(extract.text, start, end, block), kind))
            current.tokens += tokens
        before = block
    if current.sentences:
        yield current


def named(extract: Extract) -> Iterator[Block]:
    """The blocks; a heading below the title that is a name in a program, and the paragraph right below it, are one term."""
    above: Block | None = None
    for block in extract.blocks:
        if above and block.kind == "prose" and _goes_on(extract, above, block):
            yield Block("term", above.start, block.end, above.level)
            above = None
            continue
        if above:
            yield above
        names = block.kind == "heading" and block.level > 1 and PROGRAM.fullmatch(extract.text, block.start, block.end)
        above = block if names else None
        if not above:
            yield block
    if above:
        yield above


def _goes_on(extract: Extract, above: Block, block: Block) -> bool:
    """Whether the paragraph stands right below the heading and is no field of its own."""
    first = extract.text[block.start : block.end].split("\n")[0]
    return extract.text[above.end : block.start].isspace() and field_of(first) is None


def is_question(text: str) -> bool:
    """Whether it ends in a question mark, as a heading or a line that asks does."""
    return QUESTION.search(text) is not None


def _recognised(extract: Extract, block: Block) -> float | None:
    """How sure text recognition was of the block's page; None for a page that holds text."""
    return extract.ocr.get(str(bisect_right(extract.pages, block.start))) if extract.ocr else None


def _one_line(extract: Extract, block: Block) -> str:
    return " ".join(extract.text[block.start : block.end].split())


def _label(path: list[tuple[int, str]], title: str, columns: str) -> str:
    """The headings above a passage, as many of the lowest as fit, without the one that only repeats the title; the names of a
    table's columns where the passage begins with one of its rows."""
    names = [name for _, name in path if name != title][-3:]
    while len(names) > 1 and estimate_tokens(" › ".join(names)) > LABEL_TOKENS // 2:
        names = names[1:]
    labels = [shorten(" › ".join(names), LABEL_TOKENS // 2), shorten(columns[: COLUMN_TOKENS * 8], COLUMN_TOKENS)]
    return " › ".join(label for label in labels if label)


def shorten(text: str, tokens: int) -> str:
    """As many whole words as fit."""
    words = text.split()
    while words and estimate_tokens(" ".join(words)) > tokens:
        words.pop()
    return " ".join(words) or text[: tokens * 2]


def embedding_text(title: str, heading: str, text: str) -> str:
    """What is embedded for a passage: where it stands, then what it says, without drawn lines."""
    labels = [shorten(label, LABEL_TOKENS // 2) for label in (title, heading) if label]
    return "\n".join([*labels, " ".join(DRAWN.sub(" ", text).split())])


def embedded_tokens(text: str) -> int:
    return estimate_tokens(DRAWN.sub(" ", text))
