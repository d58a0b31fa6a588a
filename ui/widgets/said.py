"""A line or two that change often but are drawn only when they say something else."""

from textual.content import Content
from textual.widgets import Static


class Said(Static):
    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(Content(""), id=id, markup=False)
        self.said = Content("")

    def say(self, content: Content) -> None:
        """The screen is laid out anew only when the height may change with it."""
        if not content.is_same(self.said):
            self.said = content
            self.update(content, layout=self.styles.auto_dimensions)
