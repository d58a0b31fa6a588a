"""How a question is run: graph or workflow, model per role, budget, whether the plan waits for a person."""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, Label, Select

from agentflow.budget import Limits
from agentflow.errors import AgentflowError

from ..backend import Ask, Backend

ROLES = ("default", "planner", "reader", "writer", "checker")
SAME = ""


class Options(ModalScreen[Ask | None]):
    BINDINGS = [Binding("escape", "dismiss(None)", "Back"), Binding("ctrl+s", "keep", "Keep", priority=True)]
    DEFAULT_CSS = """
    Options Grid { grid-size: 2; grid-columns: 18 1fr; grid-rows: auto; height: auto; grid-gutter: 0 1; }
    Options Label { color: $text-muted; }
    Options Checkbox { background: $surface; padding: 0; }
    Options Input { background: $panel; padding: 0 1; }
    """

    def __init__(self, backend: Backend, wish: Ask) -> None:
        super().__init__()
        self.backend, self.wish = backend, wish

    def compose(self) -> ComposeResult:
        limits, wish = self.wish.limits, self.wish
        with VerticalScroll(classes="dialog"):
            with Grid():
                yield Label("Graph")
                yield Select([(wish.graph, wish.graph)], value=wish.graph, allow_blank=False, compact=True, id="graph")
                yield from self._role("default", "Model")
                yield Label("Most tokens")
                yield Input(str(limits.tokens or ""), placeholder="no limit", type="integer", compact=True, id="tokens")
                yield Label("Most seconds")
                seconds = f"{limits.seconds:g}" if limits.seconds else ""
                yield Input(seconds, placeholder="no limit", type="number", compact=True, id="seconds")
                yield Label("Rounds of search")
                yield Input(str(wish.inputs.get("rounds", 1)), type="integer", compact=True, id="rounds")
                yield Label("Plan")
                yield Checkbox(
                    "wait for me to approve or edit it", bool(wish.inputs.get("approve")), compact=True, id="approve"
                )
                for role in ROLES[1:]:
                    yield from self._role(role, f"  {role}")
            with Horizontal(classes="buttons"):
                yield Button(Content("Back (esc)"), id="no")
                yield Button(Content("Keep (ctrl+s)"), id="yes", variant="primary")

    def _role(self, role: str, label: str) -> ComposeResult:
        named = self.wish.models.get(role, SAME)
        known = [(_same(role), SAME), *([(named, named)] if named else [])]
        yield Label(label)
        yield Select(known, value=named, allow_blank=False, compact=True, id=f"role-{role}")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = "How to run it"
        self.query_one("#graph").focus()
        self.load()

    @work
    async def load(self) -> None:
        try:
            models = [row.name for row in await self.backend.models.all() if row.kind == "chat"]
            graphs = [row.name for row in await self.backend.workflows.all()]
        except AgentflowError as error:
            self.notify(error.message, severity="warning", markup=False)
            return
        self._offer("graph", [(name, name) for name in graphs or ["research"]], self.wish.graph)
        for role in ROLES:
            offered = [(_same(role), SAME), *[(name, name) for name in models]]
            self._offer(f"role-{role}", offered, self.wish.models.get(role, SAME))

    def _offer(self, id: str, options: list[tuple[str, str]], value: str) -> None:
        select: Select[str] = self.query_one(f"#{id}", Select)
        select.set_options([(Content(label), name) for label, name in options])
        if value in [name for _, name in options]:
            select.value = value

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_keep() if event.button.id == "yes" else self.dismiss(None)

    def action_keep(self) -> None:
        chosen = {role: str(self.query_one(f"#role-{role}", Select).value) for role in ROLES}
        numbers = {name: self.query_one(f"#{name}", Input).value for name in ("tokens", "seconds", "rounds")}
        inputs = {**self.wish.inputs, "approve": self.query_one("#approve", Checkbox).value}
        if numbers["rounds"]:
            inputs["rounds"] = int(numbers["rounds"])
        limits = Limits(
            tokens=int(numbers["tokens"]) if numbers["tokens"] else None,
            seconds=float(numbers["seconds"]) if numbers["seconds"] else None,
        )
        graph = str(self.query_one("#graph", Select).value)
        self.dismiss(Ask(graph, inputs, {role: name for role, name in chosen.items() if name}, limits))


def _same(role: str) -> str:
    return "as in models.yaml" if role == "default" else "the same"
