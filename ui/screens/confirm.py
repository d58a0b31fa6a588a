"""A yes-or-no question."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Confirm(ModalScreen[bool]):
    BINDINGS = [("y", "answer(True)", "Yes"), ("n,escape", "answer(False)", "No")]

    def __init__(self, question: str, about: str) -> None:
        super().__init__()
        self.question, self.about = question, about

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self.question, "bold"), markup=False)
            yield Static(Content.styled(self.about, "$text-muted"), markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("No (n)"), id="no")
                yield Button(Content("Yes (y)"), id="yes", variant="primary")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, sure: bool) -> None:
        self.dismiss(sure)
