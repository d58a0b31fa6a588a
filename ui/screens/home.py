"""Home: ask a question, see what runs and ran, what the corpus holds and which model answers."""

from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input, OptionList, Static

from agentflow.errors import AgentflowError
from agentflow.status import SUCCESSFUL, RunStatus

from ..backend import Ask, Overview, RunRow
from ..messages import OpenReport, OpenRun
from ..text import ago, count, line
from ..themes import sign
from ..widgets.hanging import Hanging, hang
from ..widgets.question import QuestionInput
from ..widgets.rows import Row, Rows
from .base import BaseScreen

REFRESH = 2.0  # seconds between looks at the list of runs


class HomeScreen(BaseScreen):
    PLACE = "home"
    CSS_PATH = "home.tcss"
    BINDINGS = [
        Binding("enter", "ask", "Ask", show=False),
        Binding("ctrl+o", "options", "Options"),
        Binding("ctrl+n,a", "add", "Add documents", key_display="^n"),
        Binding("slash,i", "focus_question", "Ask", key_display="/"),
        Binding("escape,down", "focus_runs", "Runs", show=False),
        Binding("r", "resume", "Resume", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []
        self.glance: Overview | None = None
        self.wish = Ask("research", {})

    def body(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield QuestionInput(id="question", placeholder="Ask your documents a question")
            yield Static(Content(""), id="wish", markup=False)
        with Horizontal(id="below"):
            yield Rows(id="runs", classes="panel", spaced=True, empty="No runs yet. Ask a question above.")
            yield Static(Content(""), id="glance", classes="panel", markup=False)
        yield Static(Content(""), id="welcome", markup=False)

    def on_mount(self) -> None:
        self.query_one("#runs").border_title = "Runs"
        self.query_one("#glance").border_title = "Project"
        self.query_one("#welcome").display = False
        self.query_one(QuestionInput).focus()
        self.draw_wish()
        self.set_interval(REFRESH, self.look)

    def on_screen_resume(self) -> None:
        """Painted first: the first look loads half of the engine."""
        self.call_after_refresh(self.look)

    @work(exclusive=True, group="look")
    async def look(self) -> None:
        """The current state of the project, from the database."""
        try:
            self.glance = await self.backend.overview()
            self.rows = await self.backend.runs.recent()
        except AgentflowError as error:
            self.query_one("#glance", Static).update(
                Content.styled(line(f"{error.message}. {error.hint}"), "$text-error")
            )
            return
        with suppress(NoMatches):  # the app may have ended while the database was read
            self.draw()

    def draw(self) -> None:
        glance = self.glance
        if glance is None:
            return
        empty = glance.documents == 0
        welcome = self.query_one("#welcome", Static)
        welcome.display = empty and not self.rows
        self.query_one("#below").display = not welcome.display
        if welcome.display:
            welcome.update(_welcome())
        now = self.agentflow.clock()
        ordered = sorted(self.rows, key=lambda row: (not row.resumable, -row.started))
        self.query_one("#runs", Rows).show([Row(row.id, _run(row, now)) for row in ordered])
        self.query_one("#glance", Static).update(_glance(glance, narrow=self.has_class("-narrow")))
        question = self.query_one(QuestionInput)
        question.placeholder = "Add documents first: press ctrl+n" if empty else "Ask your documents a question"
        question.history = [row.question for row in sorted(self.rows, key=lambda row: row.started) if row.question]
        self.draw_wish()

    def draw_wish(self) -> None:
        """What a question will be run with, in one line."""
        wish = self.wish
        model = ", ".join(f"{role} {name}" if role != "default" else name for role, name in wish.models.items())
        limits = " ".join(
            f"{getattr(wish.limits, name):,} {name}" for name in ("tokens", "seconds") if getattr(wish.limits, name)
        )
        parts: list[str | tuple[str, str]] = [
            ("graph ", "$text-muted"), line(wish.graph), ("   model ", "$text-muted"), model or (self.glance.model if self.glance else "") or "…",
            ("   budget ", "$text-muted"), limits or "no limit", ("   plan ", "$text-muted"), "approve first" if wish.inputs.get("approve") else "go ahead",
        ]  # fmt: skip
        self.query_one("#wish", Static).update(Content.assemble(" ", *parts))

    @on(Input.Submitted, "#question")
    async def asked(self, event: Input.Submitted) -> None:
        question = event.value.strip()
        if not question:
            if self.glance and self.glance.documents == 0:
                self.action_add()
            return
        if self.glance and self.glance.documents == 0:
            self.say("there are no documents yet: add some first", severity="warning")
            self.action_add()
            return
        ask = Ask(self.wish.graph, {**self.wish.inputs, "question": question}, self.wish.models, self.wish.limits)
        with self.attempt():
            run = await self.backend.runs.start(ask)
            self.query_one(QuestionInput).clear()
            self.post_message(OpenRun(run, question))

    @on(OptionList.OptionSelected, "#runs")
    def opened(self) -> None:
        """A finished run opens its report, any other the run itself."""
        row = next((row for row in self.rows if row.id == self.query_one("#runs", Rows).chosen), None)
        if row is None:
            return
        finished = row.status in SUCCESSFUL
        self.post_message(OpenReport(row.id) if finished else OpenRun(row.id))

    def action_focus_question(self) -> None:
        self.query_one(QuestionInput).focus()

    def action_ask(self) -> None:
        """Enter outside of the question."""
        self.action_add() if self.query_one("#welcome").display else self.action_focus_question()

    def action_focus_runs(self) -> None:
        """Out of the question, also where there is no list yet."""
        runs = self.query_one("#runs", Rows)
        if not self.query_one("#below").display:
            self.set_focus(None)
            return
        runs.focus()
        if runs.highlighted is None and runs.rows and runs.rows[0].choosable:
            runs.highlighted = 0

    def action_add(self) -> None:
        from .add import AddScreen

        def added(done: bool | None) -> None:
            if done:
                self.look()
                self.query_one(QuestionInput).focus()

        self.app.push_screen(AddScreen(self.backend), added)

    def action_options(self) -> None:
        from .options import Options

        def chosen(wish: Ask | None) -> None:
            if wish is not None:
                self.wish = wish
                self.draw_wish()
            self.action_focus_question()

        self.app.push_screen(Options(self.backend, self.wish), chosen)

    async def action_resume(self) -> None:
        key = self.query_one("#runs", Rows).chosen
        row = next((row for row in self.rows if row.id == key), None)
        if row is not None and row.resumable and row.status is not RunStatus.RUNNING:
            with self.attempt():
                await self.backend.runs.resume(row.id)
                self.post_message(OpenRun(row.id))


def _run(row: RunRow, now: float) -> Hanging:
    mark, style = sign(row.status)
    facts = [
        ago(max(0.0, now - row.started)),
        f"{row.seconds:,.0f} s" if row.seconds else "",
        f"{row.tokens:,} tokens" if row.tokens else "",
    ]
    about = "  ".join(
        [row.status, *[fact for fact in facts if fact]] + ([line(row.graph)] if row.graph != "research" else [])
    )
    return hang((f"{mark} ", style), line(row.question) or line(row.graph), (f"\n{about}", "$text-muted"))


def _glance(glance: Overview, *, narrow: bool) -> Content:
    documents = Content.assemble(
        (f"{glance.documents:,}", "bold"), (" document" if glance.documents == 1 else " documents", "")
    )
    failed = Content.styled(f"{glance.failed} could not be read", "$text-warning") if glance.failed else Content("")
    running = ", ".join(glance.servers)
    server = (
        Content.assemble(("● ", "$accent"), running) if running else Content.styled("○ no server runs", "$text-muted")
    )
    model = (
        Content.assemble((glance.model, "bold"), (" answers", "$text-muted"))
        if glance.model
        else Content.styled("no model", "$text-warning")
    )
    parts = [documents, Content(count(glance.passages, "passage")), failed, model, server]
    return Content("   " if narrow else "\n").join([part for part in parts if part])


def _welcome() -> Content:
    return Content.assemble(
        ("Welcome.\n\n", "bold $accent"),
        "agentflow reads your documents and answers questions about them, every claim with an exact quote.\n",
        "Nothing leaves this machine.\n\n",
        ("  enter  ", "bold reverse $accent"), "  choose documents\n\n",
        ("  ctrl+p ", "bold $accent"), "  all commands      ", ("F1 ", "bold $accent"), " all keys      ", ("ctrl+q ", "bold $accent"), " quit\n",
    )  # fmt: skip
