"""One quote in its document, full screen."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from ..quotes import place_of
from ..text import line
from ..widgets.source_pane import SourcePane
from .base import BaseScreen


class SourceScreen(BaseScreen):
    PLACE = "source"
    BINDINGS = [
        Binding("v", "edit", "Open in $EDITOR"),
        Binding("escape,q", "app.pop_screen", "Back"),
    ]
    DEFAULT_CSS = """
    SourceScreen #where { height: 1; margin: 1 1 0 1; }
    SourceScreen SourcePane { height: 1fr; }
    """

    def __init__(self, place: str, quote: str) -> None:
        super().__init__()
        self.place, self.quote = place, quote

    def body(self) -> ComposeResult:
        yield Static(Content.styled(line(self.place), "bold $primary"), id="where", markup=False)
        yield SourcePane()

    async def on_mount(self) -> None:
        path, number, _ = place_of(self.place)
        await self.query_one(SourcePane).load(path, self.quote, number)

    async def action_edit(self) -> None:
        await self.query_one(SourcePane).edit()
