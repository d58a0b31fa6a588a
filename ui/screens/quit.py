"""Quitting while a run is under way."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Leaving(ModalScreen[str | None]):
    """Dismissed with run, pause or None to stay."""

    BINDINGS = [
        ("l", "dismiss('run')", "Leave it running"),
        ("p", "dismiss('pause')", "Pause it"),
        ("escape", "dismiss(None)", "Stay"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled("A run is under way", "bold"), markup=False)
            about = "It lives in its own process: it can go on without this screen, or be paused with everything kept."
            yield Static(Content.styled(about, "$text-muted"), markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Stay (esc)"), id="stay")
                yield Button(Content("Pause it (p)"), id="pause")
                yield Button(Content("Leave it running (l)"), id="run", variant="primary")

    def on_mount(self) -> None:
        self.query_one("#run").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(None if event.button.id == "stay" else event.button.id)
