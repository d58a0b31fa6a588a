"""The one console that commands draw on. What documents, models and file names bring along never acts in a terminal."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from agentflow.text.plain import ACTING


class Terminal(Console):
    """A rich console that passes on no control character from text, and takes no `[markup]` in it unless asked to."""

    def __init__(self, *, stderr: bool = False, markup: bool = False) -> None:
        super().__init__(stderr=stderr, markup=markup, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(ACTING.sub("", segment.text), segment.style)
