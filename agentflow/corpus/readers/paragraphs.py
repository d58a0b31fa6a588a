"""Lines of pages to headings, paragraphs, items and rows, by their places and their type; page furniture is left out."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from agentflow.corpus.blocks import Block, BlockKind, Extract
from agentflow.corpus.readers.hyphens import mended, words
from agentflow.corpus.readers.layout import Line
from agentflow.corpus.readers.lines import BULLET, ITEM, field_of

EDGE = 3  # lines at the top and the foot of a page that may be furniture
OFTEN = 0.3  # share of the pages on which a line stands that is furniture
NUMBERED = re.compile(
    r"^(?:\d{1,2}|\d{1,2}(?:\.\d{1,2})+\.?|(?:Chapter|Section|Part|Annex|Appendix|Kapitel|Anhang|Teil) \w+[.:]?|§ ?\d+)"
    r"\s+[^\W\d_]"
)
PAGE_NUMBER = re.compile(
    r"(?i)[-–—|\s]*(?:page|seite|p\.|s\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|sur|de|\|)\s*\d{1,4})?[-–—|.\s]*"
)
ENDED = re.compile(r"[.!?:;…。！？।۔][\"'”’»)\]]*$")
LARGER = 1.12  # of the body's type: a heading's
LONGEST_HEADING = 200
SPACED = 1.25  # of the usual distance of lines: a wider one parts paragraphs


@dataclass(slots=True)
class Paragraph:
    kind: BlockKind
    level: int = 0
    lines: list[tuple[int, Line]] = field(default_factory=list)  # with the number of the page, from 0


def assemble(pages: list[list[Line]]) -> Extract:
    """The text, one line a line of the page, and its blocks."""
    pages = without_furniture(pages)
    known = words(line.text for page in pages for line in page)
    extract = Extract("", pages=[])
    pieces: list[str] = []
    size = 0
    for paragraph in _classified(pages):
        start = size
        spans: list[tuple[int, int]] = []
        texts = [line.text for _, line in paragraph.lines]
        texts = mended(texts, known) if paragraph.kind in ("prose", "item", "heading") else texts
        for (page, _), text in zip(paragraph.lines, texts, strict=True):
            while len(extract.pages) <= page:
                extract.pages.append(size)
            if text:
                spans.append((size, size + len(text)))
                pieces.append(f"{text}\n")
                size += len(text) + 1
        if paragraph.kind in ("row", "field"):
            extract.blocks += [Block(paragraph.kind, *span) for span in spans]
        else:
            skip = _marker(paragraph.lines[0][1].text) if paragraph.kind == "item" else 0
            extract.blocks.append(Block(paragraph.kind, start + skip, size - 1, paragraph.level))
    extract.pages += [size] * (len(pages) - len(extract.pages))
    extract.text = "".join(pieces)
    return extract


def without_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """Lines at the top or foot that return on many pages, and page numbers, which stand apart there."""
    counts = Counter(key for page in pages for key in {_key(line) for near in _edges(page) for line in near})
    often = max(2, OFTEN * len(pages))
    kept: list[list[Line]] = []
    for page in pages:
        left_out: set[int] = set()
        for near in _edges(page):
            for line in near:
                if counts[_key(line)] < often and not _number(line, page):
                    break
                left_out.add(id(line))
        kept.append([line for line in page if id(line) not in left_out])
    return kept


def _edges(page: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines nearest to the top and to the foot, outermost first; no row of a table, whose head may be repeated on
    every page."""
    by_height = sorted(page, key=lambda line: line.y)
    rows = sum(line.cells > 1 for line in page)
    top, foot = by_height[:EDGE], by_height[-EDGE:][::-1]
    if rows < EDGE:
        return top, foot
    return [line for line in top if line.cells == 1], [line for line in foot if line.cells == 1]


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text.lower()), round(line.y / 6)


def _number(line: Line, page: list[Line]) -> bool:
    if PAGE_NUMBER.fullmatch(line.text) is None:
        return False
    return all(abs(other.y - line.y) > 1.6 * line.size for other in page if other is not line)


def _classified(pages: list[list[Line]]) -> Iterator[Paragraph]:
    every = [line for page in pages for line in page]
    if not every:
        return
    sizes: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for line in every:
        sizes[round(line.size * 2) / 2] += len(line.text)
        bold[line.bold] += len(line.text)
    body, plain = sizes.most_common(1)[0][0], not bold.most_common(1)[0][0]
    kinds = sorted({round(line.size * 2) / 2 for line in every if line.size >= LARGER * body}, reverse=True)
    for paragraph in _parted(pages, _leading(pages)):
        first = paragraph.lines[0][1]
        if paragraph.kind == "prose":
            level = _heading_level(paragraph, body, plain, kinds)
            paragraph.kind, paragraph.level = ("heading", level) if level else (_kind(paragraph), 0)
        elif paragraph.kind == "row" and first.first and len(paragraph.lines) > 1:
            yield Paragraph("columns", 0, paragraph.lines[:1])
            paragraph = Paragraph("row", 0, paragraph.lines[1:])
        yield paragraph


def _leading(pages: list[list[Line]]) -> float:
    """The usual distance of two lines, as a multiple of the type's size."""
    steps = [
        (line.y - above.y) / line.size
        for page in pages
        for above, line in itertools.pairwise(page)
        if abs(line.size - above.size) < 0.06 * line.size and 0.8 < (line.y - above.y) / line.size < 3
    ]
    return min(sorted(steps)[len(steps) // 3], 2.2) if steps else 1.3


def _parted(pages: list[list[Line]], leading: float) -> Iterator[Paragraph]:
    current = Paragraph("prose")
    for number, page in enumerate(pages):
        for line in page:
            kind: BlockKind = "row" if line.cells > 1 else "prose"
            if current.lines and (kind != current.kind or line.first or _begins(current, number, line, leading)):
                yield current
                current = Paragraph(kind)
            current.kind = kind
            current.lines.append((number, line))
    if current.lines:
        yield current


def _begins(current: Paragraph, page: int, line: Line, leading: float) -> bool:
    """Whether the line begins a paragraph."""
    last_page, last = current.lines[-1]
    if current.kind == "row":
        return page != last_page
    if abs(line.size - last.size) > 0.06 * last.size or line.bold != last.bold:
        return True
    if page != last_page or line.y < last.y:  # from one column or page to the next
        return not _goes_on(last, line)
    if line.y - last.y > SPACED * leading * line.size + 0.5:
        return True
    if BULLET.match(line.text) or (ITEM.match(line.text) and (_ended(last, line) or _marker(current.lines[0][1].text))):
        return True
    indent = line.x0 - last.x0
    if indent > 0.8 * line.size:
        return _ended(last, line) and not _marker(last.text)
    if indent < -0.8 * line.size and len(current.lines) > 1 and abs(current.lines[-2][1].x0 - last.x0) < 1:
        return True
    return ENDED.search(last.text) is not None and _ended(last, line)


def _goes_on(last: Line, line: Line) -> bool:
    first = next((mark for mark in line.text if mark.isalnum()), " ")
    return not ENDED.search(last.text) and (first.islower() or last.text.endswith("-") or not _ended(last, line))


def _ended(last: Line, line: Line) -> bool:
    """Whether the next word would have fitted on the last line: the writer ended it."""
    word = (line.x1 - line.x0) * len(line.text.split()[0]) / max(len(line.text), 1)
    return last.x1 + word + 0.6 * last.size < last.right


def _marker(text: str) -> int:
    found = ITEM.match(text)
    return found.end() if found else 0


def _heading_level(paragraph: Paragraph, body: float, plain: bool, sizes: list[float]) -> int:
    """By the size of the type, its weight, or a number before a line that stands alone; 0 for none."""
    lines = [line for _, line in paragraph.lines]
    text = " ".join(line.text for line in lines)
    if len(text) > LONGEST_HEADING or len(lines) > 3 or not any(mark.isalpha() for mark in text) or BULLET.match(text):
        return 0
    numbered = NUMBERED.match(text)
    if lines[0].size >= LARGER * body:
        return 0 if ENDED.search(text) and len(text) > 80 else min(sizes.index(round(lines[0].size * 2) / 2) + 1, 6)
    if ENDED.search(text) or (len(text) > 90 and not numbered) or lines[0].size < 0.9 * body:
        return 0
    if plain and all(line.bold for line in lines):
        return min(len(sizes) + 1, 6)
    depth = numbered[0].rstrip(". ").count(".") if numbered else 0
    alone = numbered is not None and len(lines) == 1 and len(text) < 80 and text[numbered.end() - 1].isupper()
    return min(len(sizes) + 1 + depth, 6) if alone else 0


def _kind(paragraph: Paragraph) -> BlockKind:
    """An item by its marker; fields and lines that stand for themselves by where they end."""
    lines = [line for _, line in paragraph.lines]
    if BULLET.match(lines[0].text) or (ITEM.match(lines[0].text) and not re.match(r"[A-Z]\.\s", lines[0].text)):
        return "item"
    if len(lines) > 1 and all(field_of(line.text) for line in lines):
        return "field"
    if len(lines) < 3:
        return "prose"
    own = sum(_ended(line, after) for line, after in itertools.pairwise(lines))
    capital = sum(not _small(line.text) for line in lines[1:])
    return "row" if own >= 0.6 * (len(lines) - 1) and capital >= 0.6 * (len(lines) - 1) else "prose"


def _small(text: str) -> bool:
    return next((mark for mark in text if mark.isalnum()), "A").islower()
