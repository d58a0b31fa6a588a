"""Workflows: files, the drawn graph, what `check` finds wrong, and a form made from the typed inputs."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from agentflow.errors import AgentflowError

from ..backend import Ask, InputField, Shape, WorkflowRow
from ..messages import OpenRun
from ..text import count, line
from ..widgets.graph_map import GraphMap
from ..widgets.rows import Row, Rows
from ..widgets.source_pane import editor
from .base import BaseScreen


class WorkflowsScreen(BaseScreen):
    PLACE = "workflows"
    CSS_PATH = "workflows.tcss"
    BINDINGS = [
        Binding("enter,f5", "form", "Run", key_display="enter"),
        Binding("c", "check", "Check again"),
        Binding("v", "edit", "Open in $EDITOR"),
        Binding("r", "look", "Refresh", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.workflows: list[WorkflowRow] = []

    def body(self) -> ComposeResult:
        with Horizontal(id="sides"):
            yield Rows(id="list", classes="panel", spaced=True, empty="looking …")
            with VerticalScroll(id="about", classes="panel"):
                yield Static(Content(""), id="what", markup=False)
                yield GraphMap(id="map")
                yield Static(Content(""), id="problems", markup=False)
                yield Static(Content(""), id="inputs", markup=False)

    def on_mount(self) -> None:
        self.query_one("#list").border_title = "Workflows"
        self.query_one("#list").focus()
        self.action_look()

    @property
    def chosen(self) -> WorkflowRow | None:
        key = self.query_one("#list", Rows).chosen
        return next((row for row in self.workflows if row.name == key), None)

    @work(exclusive=True, group="look")
    async def action_look(self) -> None:
        try:
            self.workflows = await self.backend.workflows.all()
        except AgentflowError as error:
            self.say(error.message, severity="error")
            return
        rows = self.query_one("#list", Rows)
        rows.show(
            [
                Row(row.name, Content.assemble((row.name, "bold"), (f"\n{line(row.description)}", "$text-muted")))
                for row in self.workflows
            ]
        )
        if rows.highlighted is None and self.workflows:
            rows.highlighted = 0

    @on(OptionList.OptionHighlighted, "#list")
    @work(exclusive=True, group="describe")
    async def describe(self) -> None:
        """What is wrong comes first; only a sound workflow can be drawn."""
        if (row := self.chosen) is None:
            return
        self.query_one("#about").border_title = Content(row.name)
        about = Content.assemble((line(row.description), "bold"), (f"\n{line(row.path)}", "$text-muted"))
        self.query_one("#what", Static).update(about)
        self.query_one("#inputs", Static).update(Content(""))
        self.query_one(GraphMap).show(Shape(), {})
        problems, shape, fields = [], Shape(), list[InputField]()
        try:
            if not (problems := await self.backend.workflows.check(row.name)):
                shape = await self.backend.workflows.shape(row.name)
                fields = await self.backend.workflows.fields(row.name)
        except AgentflowError as error:
            problems = [*problems, f"{error.message}. {error.hint}"]
        self.query_one(GraphMap).show(shape, {})
        self.query_one("#problems", Static).update(_problems(problems))
        self.query_one("#inputs", Static).update(_inputs(fields))

    def action_check(self) -> None:
        self.describe()

    @on(OptionList.OptionSelected, "#list")
    def action_form(self) -> None:
        if (row := self.chosen) is not None:
            self.ask(row.name)

    @work
    async def ask(self, name: str) -> None:
        from .form import Form

        try:
            fields = await self.backend.workflows.fields(name)
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
            return
        inputs = await self.app.push_screen_wait(Form(name, fields))
        if inputs is not None:
            with self.attempt():
                self.post_message(OpenRun(await self.backend.runs.start(Ask(name, inputs))))

    def action_edit(self) -> None:
        import subprocess

        if (row := self.chosen) is not None:
            with self.app.suspend():
                subprocess.run(editor(row.path, 1), check=False)
            self.describe()


def _problems(problems: list[str]) -> Content:
    if not problems:
        return Content.assemble(("✓ ", "$text-success"), "sound")
    lines = [Content.assemble(("✗ ", "$text-error"), line(problem)) for problem in problems]
    return Content("\n").join([Content.styled(count(len(problems), "problem"), "bold $text-error"), *lines])


def _inputs(fields: list[InputField]) -> Content:
    rows = [Content.styled("Inputs", "bold $primary")] if fields else []
    for field in fields:
        default = "" if field.required else f" = {line(str(field.default))}"
        rows.append(
            Content.assemble(
                f"  {field.name}", (f"  {field.kind}{default}", "$accent"), (f"  {line(field.help)}", "$text-muted")
            )
        )
    return Content("\n").join(rows)
