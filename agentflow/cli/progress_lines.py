"""Progress as plain lines, where standard error is no terminal that a bar can be drawn on: in a pipe, a file, a log."""

import time

from rich.text import Text

from agentflow.cli.terminal import Terminal
from agentflow.events import Event, Progress

EACH = 10.0  # seconds from one line to the next


class ProgressLines:
    """A sink. Short work prints nothing."""

    def __init__(self, console: Terminal) -> None:
        self.console = console
        self.told = time.monotonic()

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress) or self.console.is_terminal or time.monotonic() - self.told < EACH:
            return
        self.told = time.monotonic()
        self.console.print(Text(progress_line(event)), soft_wrap=True)


def progress_line(event: Progress) -> str:
    """`files: 34 of 100 files`; without the whole where that is not known."""
    scale, unit = (1e6, "MB") if event.unit == "B" else (1, event.unit)
    whole = f" of {event.total / scale:,.0f}" if event.total else ""
    return f"{event.task}: {event.done / scale:,.0f}{whole} {unit}".rstrip()
