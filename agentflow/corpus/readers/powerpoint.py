"""PowerPoint slides: titles, texts, tables, the figures of charts and the speaker's notes. `line` is the number of the
paragraph or table row on its slide."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.dates import local_day
from agentflow.corpus.readers.archive import Archive, transitional
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.parts import Parts
from agentflow.corpus.readers.unreadable import Unreadable

DEEPEST = 50  # groups in one another
MOST = 10_000  # shapes of one slide


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no PowerPoint file, for bombs and for damage."""
    archive = Archive(content, "a PowerPoint file")
    archive.must_hold("ppt/presentation.xml")
    content = transitional(content)
    from pptx import Presentation

    try:
        return _presentation(Presentation(BytesIO(content)))
    except (Unreadable, MemoryError, RecursionError):
        raise
    except Exception as error:  # python-pptx lets out whatever damaged XML makes of its objects
        raise Unreadable(f"a damaged PowerPoint file ({type(error).__name__}: {error})") from error


def _presentation(deck: Any) -> Extract:
    parts, hidden = Parts(), 0
    for number, slide in enumerate(deck.slides, 1):
        if slide.element.get("show") in ("0", "false"):
            hidden += 1
        else:
            parts.add(f"slide {number}", Slide(slide).extract())
    extract, about = parts.finish(), deck.core_properties
    extract.title, extract.author = about.title or "", about.author or ""
    stamp = about.modified or about.created
    extract.date = local_day(stamp) if stamp else ""
    extract.note = f"{hidden} hidden slides were not read" if hidden else ""
    return extract


class Slide:
    def __init__(self, slide: Any) -> None:
        self.slide = slide
        self.flow = Flow()
        self.line = 0

    def extract(self) -> Extract:
        title = self.slide.shapes.title
        if title is not None:
            self.write("heading", " ".join(title.text_frame.text.split()))
        for shape in self.in_order(title):
            self.shape(shape)
        if self.slide.has_notes_slide and (notes := self.slide.notes_slide.notes_text_frame) is not None:
            self.paragraphs(notes)
        return self.flow.extract()

    def in_order(self, title: Any) -> list[Any]:
        """As they are read: from top to bottom, then from left to right; groups opened, the title left out."""
        shapes = [each for each in _flat(self.slide.shapes) if title is None or each.shape_id != title.shape_id]
        return sorted(shapes[:MOST], key=lambda each: (_emu(each, "top") // 200_000, _emu(each, "left")))

    def shape(self, shape: Any) -> None:
        if getattr(shape, "has_table", False):
            self.table([[cell.text_frame.text for cell in row.cells] for row in shape.table.rows])
        elif getattr(shape, "has_chart", False):
            self.chart(shape.chart)
        elif shape.has_text_frame:
            self.paragraphs(shape.text_frame)

    def paragraphs(self, frame: Any) -> None:
        for paragraph in frame.paragraphs:
            self.write("item" if paragraph.level else "prose", paragraph.text.replace("\v", "\n"))

    def chart(self, chart: Any) -> None:
        if chart.has_title and chart.chart_title.has_text_frame:
            self.paragraphs(chart.chart_title.text_frame)
        plots = list(chart.plots)
        if plots and (series := list(plots[0].series)):
            names = [str(name) for name in plots[0].categories]
            columns = [
                [str(one.name), *("" if value is None else f"{value:g}" for value in one.values)] for one in series
            ]
            self.table([list(row) for row in zip(["", *names], *columns, strict=False)])

    def table(self, rows: list[list[str]]) -> None:
        for number, cells in enumerate(rows):
            self.line += 1
            if any(cell.strip() for cell in cells):
                told = [(" ".join(cell.split()), self.line) for cell in cells]
                self.flow.row(told, names=number == 0 and len(rows) > 1)

    def write(self, kind: BlockKind, text: str) -> None:
        if text.strip():
            self.line += 1
            self.flow.put(kind, " ".join(text.split()), self.line, 1 if kind == "heading" else 0)


def _flat(shapes: Any, depth: int = 0) -> Iterator[Any]:
    for shape in shapes if depth < DEEPEST else ():
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _emu(shape: Any, side: str) -> int:
    """The place in English Metric Units; 0 where the layout gives it."""
    return int(getattr(shape, side, 0) or 0)
