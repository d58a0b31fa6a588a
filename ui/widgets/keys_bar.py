"""The keys at the bottom: as many as the window holds, always with the way back and the help that names all of them."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

ALWAYS = 2  # the last: back, and help


class KeysBar(Footer):
    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    def compose(self) -> ComposeResult:
        keys = list(super().compose())
        self.fit(keys)
        yield from keys

    def on_resize(self) -> None:
        self.fit(list(self.children))

    def fit(self, widgets: Sequence[Widget]) -> None:
        """Hides those that would be cut, the last but two first."""
        keys = [widget for widget in widgets if isinstance(widget, FooterKey)]
        room = self.app.size.width + 1 - sum(map(_width, keys[-ALWAYS:]))
        for key in keys[:-ALWAYS]:
            room -= _width(key)
            key.display = room >= 0


def _width(key: FooterKey) -> int:
    """With the blanks before its words and behind them."""
    return len(key.key_display) + len(key.description) + 2
