"""What the selected step is doing: what it was asked, what its model streams, the tools it calls."""

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..state import RunState, StepView
from ..text import count
from .source import Cut, cut

PROMPT_TAIL = 1_200


class DetailPart(NamedTuple):
    """A paragraph: `lead` and `text` on the same line, each in the style of that name."""

    lead: str
    text: str
    lead_style: str = "muted"
    style: str = "muted"


class StepDetail(ScrollView, can_focus=True):
    """Follows the text while it grows, unless one scrolled up to read. Only what grew is wrapped again."""

    STYLES = ("muted", "label", "lead", "says", "text", "thought", "tool", "error")
    COMPONENT_CLASSES = {f"detail--{name}" for name in STYLES}
    BINDINGS = [
        ("j", "scroll_down"), ("k", "scroll_up"), ("space", "page_down"), ("g", "scroll_home"), ("G", "scroll_end"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    StepDetail {
        & > .detail--muted { color: $text-muted; }
        & > .detail--label { text-style: bold; }
        & > .detail--lead { color: $primary; }
        & > .detail--says { color: $accent; }
        & > .detail--thought { color: $text-muted; text-style: italic; }
        & > .detail--tool { color: $secondary; }
        & > .detail--error { color: $text-error; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.step: StepView | None = None
        self.following = True
        self.width = 0
        self.wrapped: dict[DetailPart, list[Cut]] = {}
        self.lines: list[tuple[DetailPart, Cut]] = []

    def show(self, step: StepView | None) -> None:
        if step is self.step:
            return
        if step and self.step and step.id != self.step.id:
            self.following = True
        self.step = step
        self.lay_out()

    def lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        before = self.wrapped if width == self.width else {}
        parts = described(self.step) if self.step else []
        self.width = width
        self.wrapped = {part: before.get(part) or cut(part.lead + part.text, max(8, width)) for part in parts}
        self.lines = []
        for part in parts:
            if self.lines:
                self.lines.append((part, Cut(0, 0, 0)))
            self.lines += [(part, item) for item in self.wrapped[part]]
        following = self.following
        self.virtual_size = Size(width, len(self.lines))
        if following:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True, immediate=True)
        self.refresh()

    def on_resize(self) -> None:
        self.lay_out()

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self.following = new >= self.max_scroll_y - 1

    def render_line(self, y: int) -> Strip:
        at, width = y + self.scroll_offset.y, self.size.width
        if at >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        part, (start, end, _) = self.lines[at]
        cut_at, text = len(part.lead), part.lead + part.text
        pieces = ((text[start : min(end, cut_at)], part.lead_style), (text[max(start, cut_at) : end], part.style))
        segments = [Segment(piece, self.styled(name)) for piece, name in pieces if piece]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def styled(self, name: str) -> Style:
        return self.rich_style + self.get_component_rich_style(f"detail--{name}", partial=True)


def selected(view: RunState, chosen: str | None) -> StepView | None:
    """The chosen step; without a choice the one that is active, else the last that has something to show."""
    if chosen and chosen in view.steps:
        return view.steps[chosen]
    steps = [*view.steps.values()]
    spoken = (step for step in reversed(steps) if step.text or step.tools or step.error)
    return next(iter(view.active), None) or next(spoken, steps[-1] if steps else None)


def described(step: StepView) -> list[DetailPart]:
    facts = [
        step.node,
        step.model,
        count(step.calls, "call") if step.calls else "",
        f"{step.tokens:,} tokens" if step.tokens else "",
    ]
    prompt = step.prompt[-PROMPT_TAIL:]
    parts = [
        DetailPart("", " · ".join(fact for fact in facts if fact)),
        DetailPart("", step.label if step.label != step.node else "", style="label"),
        DetailPart("asked  ", prompt if len(prompt) == len(step.prompt) else f"… {prompt}", "lead"),
        *[DetailPart("", tool, style="tool") for tool in step.tools],
        DetailPart("thinks  ", step.reasoning, "lead", "thought"),
        DetailPart("says  ", step.text, "says", "text"),
        DetailPart("", step.error, style="error"),
    ]
    return [part for part in parts if part.text]
