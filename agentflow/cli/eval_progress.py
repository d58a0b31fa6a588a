"""One line of progress for an evaluation: cases, time left, and what a person should know."""

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agentflow import events
from agentflow.cli.bars import Bars
from agentflow.events import Event


class EvalProgress(Bars):
    """A sink. Draws on stderr; each task of the feed has its own line."""

    def __init__(self) -> None:
        task = TextColumn("{task.description}", markup=False)
        super().__init__(task, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())

    def __call__(self, event: Event) -> None:
        if isinstance(event, events.Progress):
            self.advance(event)
        elif isinstance(event, events.Note) and not event.run:
            self.console.print(event.text, style="yellow" if event.level == "warning" else "dim", soft_wrap=True)
