"""A line or two that change often but are drawn only when they say something else."""

from textual.content import Content
from textual.widgets import Static


class InertLabel(Static):
    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(Content(""), id=id, markup=False)
        self.said = Content("")

    def say(self, content: Content) -> None:
        """The screen is laid out again only when the height may change with it."""
        if not content.is_same(self.said):
            lines = [part.cell_length for part in self.said.split()], [part.cell_length for part in content.split()]
            fixed = len(lines[0]) == len(lines[1]) and max([*lines[0], *lines[1]], default=0) <= self.size.width
            self.said = content
            self.update(content, layout=not fixed)
