"""Evaluations: the suites, past results, and two of them compared."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from agentflow.errors import AgentflowError

from ..backend import ResultRow, SuiteRow
from ..text import ago, count, line, plain
from ..widgets.hanging import Hanging, hang
from ..widgets.meters import bar
from ..widgets.rows import Row, Rows
from .base import BaseScreen


class EvalsScreen(BaseScreen):
    PLACE = "evals"
    CSS_PATH = "evals.tcss"
    BINDINGS = [
        Binding("space", "mark", "Mark to compare"),
        Binding("c", "compare", "Compare"),
        Binding("r", "look", "Refresh"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.suites: list[SuiteRow] = []
        self.results: list[ResultRow] = []
        self.marked: list[str] = []

    def body(self) -> ComposeResult:
        with Horizontal(id="sides"):
            with Vertical(id="lists"):
                yield Rows(
                    id="results", classes="panel", spaced=True, empty="None yet. Run one: agentflow eval run SUITE"
                )
                yield Rows(id="suites", classes="panel", spaced=True, empty="no suites")
            with VerticalScroll(id="about", classes="panel"):
                yield Static(Content(""), markup=False)

    def on_mount(self) -> None:
        self.query_one("#results").border_title = "Results"
        self.query_one("#suites").border_title = "Suites"
        self.query_one("#results").focus()
        self.action_look()

    @work(exclusive=True)
    async def action_look(self) -> None:
        try:
            self.suites = await self.backend.evals.suites()
            self.results = await self.backend.evals.results()
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
        self.draw()

    def draw(self) -> None:
        now = self.agentflow.clock()
        results = self.query_one("#results", Rows)
        results.show([Row(f"{at}", _result(row, now, row.id in self.marked)) for at, row in enumerate(self.results)])
        if results.highlighted is None and self.results:
            results.highlighted = 0
        rows = [
            Row(row.name, Content.assemble((row.name, "bold"), (f"\n{line(row.description)}", "$text-muted")))
            for row in self.suites
        ]
        self.query_one("#suites", Rows).show(rows)

    @property
    def chosen(self) -> ResultRow | None:
        key = self.query_one("#results", Rows).chosen
        return self.results[int(key)] if key else None

    @on(OptionList.OptionHighlighted, "#results")
    def moved(self) -> None:
        if (row := self.chosen) is not None:
            self.tell(Content(f"{row.id} · {line(row.variant)}"), _scores(row))

    @on(OptionList.OptionHighlighted, "#suites")
    def suite_moved(self) -> None:
        key = self.query_one("#suites", Rows).chosen
        if row := next((row for row in self.suites if row.name == key), None):
            run = Content.assemble("\n\nRun it: ", (f"agentflow eval run {row.name}", "bold $accent"))
            self.tell(Content(row.name), Content.assemble(line(row.description), run))

    @on(OptionList.OptionSelected, "#results")
    def action_mark(self) -> None:
        """At most two; the older mark gives way."""
        if (row := self.chosen) is not None:
            self.marked = (
                [id for id in self.marked if id != row.id] if row.id in self.marked else [*self.marked, row.id][-2:]
            )
            self.draw()

    @work(exclusive=True, group="compare")
    async def action_compare(self) -> None:
        if len(self.marked) != 2:
            self.say("mark two results with space first")
            return
        first, second = self.marked
        try:
            found = await self.backend.evals.compare(first, second)
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
            return
        self.tell(Content(f"{second} against {first}"), Content(plain(found)))

    def tell(self, title: Content, content: Content) -> None:
        self.query_one("#about").border_title = title
        self.query_one("#about Static", Static).update(content)


def _result(row: ResultRow, now: float, marked: bool) -> Hanging:
    mark = ("◆ ", "$accent") if marked else ("· ", "$text-muted")
    scores = "  ".join(f"{name} {value:.2f}" for name, value in list(row.scores.items())[:3])
    facts = f"\n{count(row.cases, 'case')}  {ago(max(0.0, now - row.at))}  {scores}"
    return hang(mark, (row.id, "bold"), f"  {line(row.variant)}", (facts, "$text-muted"))


def _scores(row: ResultRow) -> Content:
    lines = [Content.styled(f"{row.suite}, {count(row.cases, 'case')}\n", "$text-muted")]
    width = max((len(name) for name in row.scores), default=0)
    for name, value in row.scores.items():
        drawing = bar(value, 24) if 0 <= value <= 1 else ""
        lines.append(Content.assemble(f"{line(name):<{width}}  ", (f"{value:8.3f}  ", "bold"), (drawing, "$accent")))
    return Content("\n").join(lines)
