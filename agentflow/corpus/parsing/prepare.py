"""One file's bytes to what is stored of it: text, passages and sentences with their places. No database here."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from agentflow.corpus.blocks import Extract
from agentflow.corpus.dates import date_of, told_date
from agentflow.corpus.files import records
from agentflow.corpus.parsing.chunks import SentenceSpan, chunks, embedding_text
from agentflow.corpus.parsing.identity import author_of, title_of
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.store import place

SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PreparedChunk:
    """`hash` is of the text that is embedded, `ocr` the confidence of text recognition on a page that it read."""

    heading: str
    text: str
    start: int
    line: int
    page: int | None
    part: str
    hash: bytes
    sentences: list[SentenceSpan]
    ocr: float | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """`record` is what a citation needs of the CSL-JSON beside the file; a document that is not `dated` has the file's date."""

    title: str
    date: str
    author: str
    extract: Extract
    chunks: list[PreparedChunk]
    record: dict[str, Any] | None = None
    dated: bool = True


def prepare(extract: Extract, path: PurePath, modified: float, record: dict[str, Any] | None = None) -> Prepared:
    """What a `record` tells counts more than what the document says of itself. Raises Unreadable for a document without
    words."""
    extract.text = SURROGATE.sub("\ufffd", extract.text)  # SQLite and JSON refuse them; offsets stay
    title = SURROGATE.sub("\ufffd", records.title_of(record) if record else title_of(extract, path))
    extract.title = title
    found = [_chunk(extract, path, title, chunk.heading, chunk.sentences) for chunk in chunks(extract)]
    if not found:
        raise Unreadable("no words in it")
    date, author = date_of(extract, modified, path.stem), author_of(extract)
    dated = bool(told_date(extract, path.stem))
    if record is None:
        return Prepared(title, date, author, extract, found, dated=dated)
    issued = records.date_of(record.get("issued"))
    author = records.author_of(record) or author
    return Prepared(title, issued or date, author, extract, found, records.shown(record), dated or bool(issued))


def _chunk(extract: Extract, path: PurePath, title: str, heading: str, sentences: list[SentenceSpan]) -> PreparedChunk:
    start, end = sentences[0].start, sentences[-1].end
    text = extract.text[start:end]
    line, page, part = place(extract.text, start, extract.lines, extract.pages, extract.labels)
    key = text_hash(embedded_text(str(path), title, heading, text))
    return PreparedChunk(heading, text, start, line, page, part, key, sentences, extract.ocr.get(str(page)))


def embedded_text(path: str, title: str, heading: str, text: str) -> str:
    """What is embedded for a passage. A file's own name is no part of it: renamed, it keeps its vectors."""
    return embedding_text("" if title == PurePath(path).name else title, heading, text)


def text_hash(text: str) -> bytes:
    """16 bytes that stand for an embedded text."""
    return hashlib.sha256(text.encode()).digest()[:16]
