"""The line at the top: where one is, and what else there is."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

PLACES = {"home": "Home", "corpus": "Corpus", "models": "Models", "workflows": "Workflows", "evals": "Evals"}


class TopBar(Horizontal):
    def __init__(self, place: str, title: str = "") -> None:
        super().__init__()
        self.place = place
        self.name_of_project = title

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble((" agentflow ", "bold $accent")), id="brand", markup=False)
        for number, (name, label) in enumerate(PLACES.items(), 1):
            tab = Static(
                Content.assemble((f"{number} ", "$text-muted"), label), classes="tab", id=f"to-{name}", markup=False
            )
            tab.set_class(name == self.place, "-here")
            yield tab
        yield Static(Content.styled(self.name_of_project, "$text-muted"), id="whose", markup=False)

    async def on_click(self, event: object) -> None:
        control = getattr(event, "widget", None)
        if control is not None and (control.id or "").startswith("to-"):
            await self.run_action(f"app.go('{control.id[3:]}')")
