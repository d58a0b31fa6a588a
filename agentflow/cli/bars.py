"""Progress bars on standard error that live as long as a `with`: what views of long work have in common."""

from typing import Self

from rich.progress import Progress, ProgressColumn, TaskID

from agentflow import events
from agentflow.cli.progress_lines import ProgressLines
from agentflow.cli.terminal import Terminal


class Bars:
    """One bar for each task of the feed; plain lines now and then where there is no terminal."""

    def __init__(self, *columns: ProgressColumn) -> None:
        self.console = Terminal(stderr=True)
        self.bars = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        self.lines = ProgressLines(self.console)
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def advance(self, event: events.Progress) -> None:
        if event.task not in self.tasks:
            self.tasks[event.task] = self.bars.add_task(event.task, unit=event.unit)
        self.bars.update(self.tasks[event.task], completed=event.done, total=event.total or None, unit=event.unit)
        self.lines(event)
