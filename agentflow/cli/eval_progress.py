"""One line of progress for an evaluation: cases, time left, and what a person should know."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from agentflow import events
from agentflow.events import Event


class EvalProgress:
    """A sink. Draws on stderr; each task of the feed has its own line."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self.console = Console(stderr=True)
        self.progress = Progress(*columns, console=self.console, transient=True)
        self.lines: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def __call__(self, event: Event) -> None:
        if isinstance(event, events.Progress):
            if event.task not in self.lines:
                self.lines[event.task] = self.progress.add_task(event.task)
            self.progress.update(self.lines[event.task], completed=event.done, total=event.total or None)
        elif isinstance(event, events.Note) and not event.run:
            self.console.print(event.text, style="yellow" if event.level == "warning" else "dim", soft_wrap=True)
