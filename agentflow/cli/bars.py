"""Progress bars on standard error that live as long as a `with`: what views of long work have in common."""

from types import TracebackType
from typing import Self

from rich.progress import Progress, TaskID


class Bars:
    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.console = bars.console
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()
