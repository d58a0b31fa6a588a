"""What a run asks a person: the plan to confirm or edit, one sub-question a line, or any other subject as JSON."""

import json
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static, TextArea

from ..text import line, plain


class ApproveScreen(ModalScreen[object]):
    """Dismissed with the answer for the run, or None to decide later."""

    BINDINGS = [
        Binding("ctrl+s,f5", "approve", "Go on", priority=True),
        Binding("escape", "later", "Later"),
    ]
    DEFAULT_CSS = """
    ApproveScreen TextArea { height: auto; min-height: 5; max-height: 16; margin-top: 1; }
    ApproveScreen .dialog { width: 96; }
    """

    def __init__(self, subject: dict[str, Any]) -> None:
        super().__init__()
        self.subject = subject
        self.yes = {"approved": True} if "binding" in subject else {}
        self.plan = isinstance(subject.get("plan"), list)

    def compose(self) -> ComposeResult:
        title = "The plan: one sub-question a line" if self.plan else "The run asks"
        text = "\n".join(line(str(item)) for item in self.subject["plan"]) if self.plan else None
        with Vertical(classes="dialog"):
            yield Static(Content.styled(title, "bold $accent"), markup=False)
            yield Static(Content.styled("Change, add or remove lines; then go on.", "$text-muted"), markup=False)
            yield TextArea(
                text or plain(json.dumps({**self.yes, **self.subject}, ensure_ascii=False, indent=2)),
                soft_wrap=True,
                show_line_numbers=False,
            )
            yield Static(Content(""), id="problem", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Later (esc)"), id="later")
                yield Button(Content("Go on (ctrl+s)"), id="go", variant="primary")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_approve() if event.button.id == "go" else self.action_later()

    def action_approve(self) -> None:
        text = self.query_one(TextArea).text
        if self.plan:
            questions = [item.strip() for item in text.splitlines() if item.strip()]
            self.dismiss({"plan": questions} if questions else self.subject)
            return
        try:
            self.dismiss(json.loads(text))
        except ValueError as error:
            self.query_one("#problem", Static).update(Content.styled(f"this is no JSON: {error}", "$text-error"))

    def action_later(self) -> None:
        self.dismiss(None)
