"""The line one asks in: up and down go through earlier questions."""

from textual.binding import Binding
from textual.widgets import Input


class QuestionInput(Input):
    BINDINGS = [
        Binding("up", "earlier", "Earlier question", show=False),
        Binding("down", "later", "Later question", show=False),
    ]

    def __init__(self, *, id: str | None = None, placeholder: str = "") -> None:
        super().__init__(id=id, placeholder=placeholder, select_on_focus=False)
        self.history: list[str] = []
        self.back = 0

    def action_earlier(self) -> None:
        self._recall(self.back + 1)

    def action_later(self) -> None:
        """Down from the newest leads on to the runs."""
        if self.back == 0:
            self.screen.focus_next()
        else:
            self._recall(self.back - 1)

    def _recall(self, back: int) -> None:
        self.back = min(max(back, 0), len(self.history))
        self.value = self.history[-self.back] if self.back else ""
        self.cursor_position = len(self.value)

    def on_input_submitted(self) -> None:
        self.back = 0
