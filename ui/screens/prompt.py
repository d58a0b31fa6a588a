"""One line from a person."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static


class PromptScreen(ModalScreen[str | None]):
    """Dismissed with what was typed, or None."""

    BINDINGS = [("escape", "dismiss(None)", "Back")]

    def __init__(self, title: str, value: str, yes: str) -> None:
        super().__init__()
        self.heading, self.value, self.yes = title, value, yes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self.heading, "bold"), markup=False)
            yield Input(self.value)
            with Horizontal(classes="buttons"):
                yield Button(Content("Back (esc)"), id="no")
                yield Button(Content(f"{self.yes} (enter)"), id="yes", variant="primary")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss((self.query_one(Input).value.strip() or None) if event.button.id == "yes" else None)
