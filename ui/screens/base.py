"""What all screens have in common: the bar at the top, the keys at the bottom, one way to say what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from agentflow.errors import AgentflowError

from ..backend import Backend
from ..messages import Host
from ..text import line
from ..widgets.keys_bar import KeysBar
from ..widgets.top_bar import TopBar


class BaseScreen(Screen[None]):
    """A screen with `PLACE` lit in the bar. `body` composes what is between the bars."""

    PLACE = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (14, "-short"), (32, "-tall")]

    @property
    def agentflow(self) -> Host:
        return cast("Host", self.app)

    @property
    def backend(self) -> Backend:
        return self.agentflow.backend

    def compose(self) -> ComposeResult:
        yield TopBar(self.PLACE, line(self.backend.root.name))
        with Container(id="body"):
            yield from self.body()
        yield KeysBar()

    def body(self) -> ComposeResult:
        yield from ()

    def say(self, text: str, *, severity: str = "information") -> None:
        """A short message that goes away by itself; inert."""
        self.notify(line(text)[:500], severity=severity, markup=False)  # type: ignore[arg-type]

    @contextmanager
    def attempt(self, done: str = "") -> Iterator[None]:
        """What a person can mend ends the `with` and is said on the screen, anything else is a bug and shows."""
        try:
            yield
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}" if error.hint else error.message, severity="error")
        else:
            if done:
                self.say(done)
