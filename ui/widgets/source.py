"""A document with one span lit up: wrapped lazily line by line, so that size does not matter."""

from bisect import bisect_right
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..text import plain

MOST = 400_000  # characters laid out at once; a longer document is cut around the span


class Cut(NamedTuple):
    """One screen line: the slice [start, end) of the text; `number` of the file's line where it begins one, else 0."""

    start: int
    end: int
    number: int


class SourceView(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {"source--number", "source--mark", "source--line"}
    BINDINGS = [
        ("j", "scroll_down", "Down"), ("k", "scroll_up", "Up"), ("space", "page_down", "Page"),
        ("m", "to_mark", "To the quote"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    SourceView {
        scrollbar-size-vertical: 1;
        & > .source--number { color: $text-muted 60%; }
        & > .source--mark { background: $mark; color: $mark-text; }
        & > .source--line { background: $panel; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.text = ""
        self.mark = (0, 0)
        self.first_line = 1
        self.cuts: list[Cut] = []

    def show(self, text: str, start: int = 0, end: int = 0) -> None:
        """The text with [start, end) marked and in sight."""
        low = 0 if len(text) <= MOST else max(0, start - MOST // 2)
        self.first_line = text.count("\n", 0, low) + 1
        shown = plain(text[low : low + MOST])
        before, quote = plain(text[low:start]), plain(text[start:end])
        self.text, self.mark = shown, (len(before), len(before) + len(quote))
        self.lay_out()
        self.action_to_mark()

    def on_resize(self) -> None:
        if self.text and self.gutter_width < self.size.width:
            self.lay_out()
            self.action_to_mark()

    @property
    def gutter_width(self) -> int:
        return len(str(self.first_line + self.text.count("\n"))) + 2

    def lay_out(self) -> None:
        width = max(8, self.scrollable_content_region.width - self.gutter_width)
        self.cuts = cut(self.text, width, self.first_line)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.cuts))
        self.refresh()

    def action_to_mark(self) -> None:
        if self.mark[1] > self.mark[0] and self.cuts:
            at = bisect_right(self.cuts, self.mark[0], key=lambda item: item.start) - 1
            self.scroll_to(y=max(0, at - self.size.height // 3), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        if at >= len(self.cuts):
            return Strip.blank(self.size.width, self.rich_style)
        item, (start, end) = self.cuts[at], self.mark
        number = str(item.number) if item.number else ""
        base = self.rich_style
        mark = base + self.get_component_rich_style("source--mark", partial=True)
        gutter = base + self.get_component_rich_style("source--number", partial=True)
        low, high = max(item.start, min(start, item.end)), max(item.start, min(end, item.end))
        lit = high > low
        pieces = [(number.rjust(self.gutter_width - 2) + (" ▌" if lit else "  "), gutter)]
        pieces += [(self.text[item.start : low], base), (self.text[low:high], mark), (self.text[high : item.end], base)]
        segments = [Segment(text, style) for text, style in pieces if text]
        return Strip(segments).adjust_cell_length(self.size.width, Style.null() + base)


def cut(text: str, width: int, first_line: int = 1) -> list[Cut]:
    """Screen lines of at most `width` cells, broken after blanks where there are any."""
    cuts: list[Cut] = []
    start = 0
    for number, whole in enumerate(text.split("\n"), first_line):
        stop, at, label = start + len(whole), start, number
        narrow = whole.isascii()
        while True:
            end = (
                stop
                if (stop - at if narrow else cell_len(text[at:stop])) <= width
                else _break(text, at, stop, width, narrow)
            )
            cuts.append(Cut(at, end, label))
            label, at = 0, end
            if at >= stop:
                break
        start = stop + 1
    return cuts


def _break(text: str, at: int, stop: int, width: int, narrow: bool) -> int:
    """Where a line that is too long ends: after its last blank, else in the middle of a word."""
    end = at + width
    if not narrow:
        used = 0
        for end in range(at, stop):
            used += cell_len(text[end])
            if used > width:
                break
    blank = text.rfind(" ", at, end)
    return blank + 1 if blank > at else max(end, at + 1)
