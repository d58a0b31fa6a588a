"""What the selected step is doing: what it was asked, what its model streams, the tools it calls."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ..state import RunView, Step
from ..text import count

PROMPT_TAIL = 1_200


class StepDetail(VerticalScroll):
    """Follows the text while it grows, unless one scrolled up to read."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.step: Step | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content(""), markup=False)

    def show(self, step: Step | None) -> None:
        if step is self.step:
            return
        following = self.scroll_y >= self.max_scroll_y - 1 or (step and self.step and step.id != self.step.id)
        self.step = step
        self.query_one(Static).update(described(step) if step else Content(""))
        if following:
            self.scroll_end(animate=False)


def selected(view: RunView, chosen: str | None) -> Step | None:
    """The chosen step; without a choice the one that is active, else the last."""
    if chosen and chosen in view.steps:
        return view.steps[chosen]
    return next(iter(view.active), [*view.steps.values()][-1]) if view.steps else None


def described(step: Step) -> Content:
    facts = [
        step.node,
        step.model,
        count(step.calls, "call") if step.calls else "",
        f"{step.tokens:,} tokens" if step.tokens else "",
    ]
    parts = [Content.styled(" · ".join(fact for fact in facts if fact), "$text-muted")]
    if step.label and step.label != step.node:
        parts.append(Content.styled(step.label, "bold"))
    if step.prompt:
        cut = step.prompt[-PROMPT_TAIL:]
        parts.append(
            Content.assemble(
                ("asked  ", "$primary"), ("… " if len(cut) < len(step.prompt) else "", ""), (cut, "$text-muted")
            )
        )
    parts += [Content.styled(tool, "$secondary") for tool in step.tools]
    if step.reasoning:
        parts.append(Content.assemble(("thinks  ", "$primary"), (step.reasoning, "italic $text-muted")))
    if step.text:
        parts.append(Content.assemble(("says  ", "$accent"), step.text))
    if step.error:
        parts.append(Content.styled(step.error, "$text-error"))
    return Content("\n\n").join(parts)
