"""A run as it happens: the graph lit where it works, sub-questions, streamed text, evidence, claims, gauges."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from agentflow.errors import AgentflowError
from agentflow.status import RunStatus

from ..backend import Shape
from ..messages import OpenReport, OpenRun, OpenSource
from ..reducer import reduce_all
from ..state import RunState
from ..text import line
from ..themes import sign
from ..widgets.claims import ClaimsList, EvidenceList, evidence_key
from ..widgets.graph_map import GraphMap, node_states
from ..widgets.label import InertLabel
from ..widgets.meters import MetersBar
from ..widgets.step_detail import StepDetail, selected
from ..widgets.steps import StepsList
from .base import BaseScreen

FRAME = 1 / 20  # seconds between redraws, at least
PANELS = ("steps", "text", "evidence", "claims")


class RunScreen(BaseScreen):
    PLACE = "run"
    CSS_PATH = "run.tcss"
    BINDINGS = [
        Binding("s", "panel('steps')", "Steps"),
        Binding("t", "panel('text')", "Text"),
        Binding("e", "panel('evidence')", "Evidence"),
        Binding("c", "panel('claims')", "Claims"),
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("a", "approve", "Plan"),
        Binding("f", "fork", "Fork here"),
        Binding("x", "cancel", "Cancel"),
        Binding("o,enter", "report", "Report"),
        Binding("escape", "app.leave", "Back"),
    ]

    def __init__(self, run: str, question: str = "") -> None:
        """`question` stands at the top until the run has told its own."""
        super().__init__()
        self.run = run
        self.question = question or f"run {run}"
        self.view = RunState(run=run)
        self.shape = Shape()
        self.shown = "steps"
        self.drawing = False
        self.asked: object = None
        self.keys: tuple[object, ...] = ()
        self.error = ""

    def body(self) -> ComposeResult:
        yield InertLabel(id="question")
        yield GraphMap(id="map")
        yield Static(Content.assemble(*_switches()), id="switches", markup=False)
        with Horizontal(id="panels"):
            yield StepsList(
                id="steps", classes="panel", empty="getting ready: the first step needs a model that is loaded …"
            )
            with Vertical(id="middle"):
                yield StepDetail(id="text", classes="panel")
                yield EvidenceList(id="evidence", classes="panel", spaced=True, empty="no quotes yet")
            yield ClaimsList(id="claims", classes="panel", spaced=True, empty="no claims yet")
        yield InertLabel(id="note")
        yield MetersBar(id="meters")

    def on_mount(self) -> None:
        for name, title in (("steps", "Steps"), ("text", "Text"), ("evidence", "Evidence"), ("claims", "Claims")):
            self.query_one(f"#{name}").border_title = title
        self.action_panel("steps")
        self.set_interval(1.0, self.draw_question)
        self.call_after_refresh(self.draw)
        self.follow()

    @work(exclusive=True, group="follow")
    async def follow(self) -> None:
        """Reads the events of the run into the view, from its start; draws at most 20 times a second."""
        self.view, self.error = RunState(run=self.run), ""
        try:
            async for batch in self.backend.runs.follow(self.run):
                before, self.view = self.view, reduce_all(self.view, batch)
                if self.view.graph != before.graph:
                    self.load_shape()
                if not self.drawing:
                    self.drawing = True
                    self.set_timer(FRAME, self.draw)
        except AgentflowError as error:
            self.error = f"{error.message}. {error.hint}" if error.hint else error.message
        self.draw()

    @work(exclusive=True, group="shape")
    async def load_shape(self) -> None:
        try:
            self.shape = await self.backend.workflows.shape(self.view.graph)
        except AgentflowError as error:
            self.say(f"the graph cannot be drawn: {error.message}", severity="warning")
        self.draw()

    def draw(self) -> None:
        """Gives every part the view; a part whose slice did not change does nothing."""
        self.drawing = False
        if not self.is_mounted or not self.is_running:
            return
        view = self.view
        self.draw_question()
        self.query_one(GraphMap).show(self.shape, node_states(view))
        steps = self.query_one(StepsList)
        steps.show_run(view)
        self.query_one(StepDetail).show(selected(view, steps.chosen))
        self.query_one(EvidenceList).show_run(view)
        self.query_one(ClaimsList).show_run(view)
        self.query_one(MetersBar).show(view)
        self.query_one("#evidence").border_subtitle = str(len(view.evidence) or "")
        self.query_one("#claims").border_subtitle = str(len(view.claims) or "")
        self.draw_note()
        if (keys := (view.status, view.approval is None, bool(view.steps), self.error)) != self.keys:
            self.keys = keys  # the footer is rebuilt only when a key comes or goes
            self.refresh_bindings()
        if view.approval is not None and view.approval != self.asked and view.status is RunStatus.PAUSED:
            self.asked = view.approval
            self.action_approve()

    def draw_question(self) -> None:
        view = self.view
        mark, style = sign(RunStatus.FAILED if self.error else view.status)
        state = RunStatus.FAILED if self.error else view.status
        elapsed = (
            view.elapsed
            if view.ended
            else max(view.elapsed, self.agentflow.clock() - view.started if view.started else 0)
        )
        right = Content.assemble((f"{mark} {state}", style), (f"  {elapsed:,.0f} s ", "$text-muted"))
        room = max(10, self.size.width - right.cell_length - 3)
        question = Content.styled(view.question or line(self.question), "bold").truncate(room, ellipsis=True)
        self.query_one("#question", InertLabel).say(
            Content.assemble(" ", question.pad_right(max(0, room - question.cell_length)), right)
        )

    def draw_note(self) -> None:
        view = self.view
        task = next((task for task in view.tasks.values() if task.total and task.done < task.total), None)
        note = Content("")
        if self.error:
            note = Content.styled(f"✗ {line(self.error)}", "$text-error")
        elif view.ended and view.message:
            note = Content.styled(
                f"{view.message}", "$text-warning" if view.status is not RunStatus.ANSWERED else "$text-muted"
            )
        elif task:
            note = Content.assemble((f"{task.name} ", "$text-muted"), f"{task.done:,.0f}/{task.total:,.0f} {task.unit}")
        elif view.notes:
            level, text = view.notes[-1]
            note = Content.styled(f"! {text}", "$text-warning" if level == "warning" else "$text-muted")
        bar = self.query_one("#note", InertLabel)
        bar.say(note)
        bar.display = bool(note)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        view = self.view
        allowed = {
            "pause": view.status is RunStatus.RUNNING,
            "cancel": view.status in (RunStatus.RUNNING, RunStatus.PAUSED),
            "resume": (view.status in (RunStatus.PAUSED, RunStatus.FAILED) and view.approval is None)
            or bool(self.error),
            "approve": view.approval is not None,
            "report": view.status.successful,
            "fork": view.ended and bool(view.steps),
        }
        return allowed.get(action, True)

    @on(OptionList.OptionHighlighted, "#steps")
    def step_chosen(self) -> None:
        self.query_one(StepDetail).show(selected(self.view, self.query_one(StepsList).chosen))

    @on(OptionList.OptionSelected, "#steps")
    def step_opened(self) -> None:
        self.action_panel("text")

    @on(OptionList.OptionSelected, "#evidence")
    def evidence_opened(self) -> None:
        key = self.query_one(EvidenceList).chosen
        if item := next((item for item in self.view.evidence if evidence_key(item) == key), None):
            self.post_message(OpenSource(item.found.place, item.found.quote))

    @on(OptionList.OptionSelected, "#claims")
    def claim_opened(self) -> None:
        """To the first quote that the claim rests on."""
        chosen = self.query_one(ClaimsList).chosen
        claim = next((claim for claim in self.view.claims if str(claim.number) == chosen), None)
        if claim and (cited := self.view.cited(claim)):
            self.query_one(EvidenceList).choose(evidence_key(cited[0]))
            self.action_panel("evidence")

    def action_panel(self, name: str) -> None:
        """Focuses a panel; on a narrow screen only that one is shown. Steps again: lets go of the chosen step."""
        if name == self.shown == "steps" and self.query_one(StepsList).has_focus:
            self.query_one(StepsList).highlighted = None
            self.draw()
        self.shown = name
        for panel in PANELS:
            self.query_one(f"#{panel}").set_class(panel == name, "-shown")
        self.query_one("#middle").set_class(name in ("text", "evidence"), "-shown")
        self.query_one("#switches", Static).update(Content.assemble(*_switches(name)))
        self.query_one(f"#{name}").focus()

    async def action_pause(self) -> None:
        with self.attempt("pausing; what is done is kept"):
            await self.backend.runs.pause(self.run)

    async def action_resume(self) -> None:
        with self.attempt("going on"):
            await self.backend.runs.resume(self.run)
            self.follow()

    async def action_cancel(self) -> None:
        from .confirm import Confirm

        async def decided(sure: bool | None) -> None:
            if sure:
                with self.attempt("cancelled"):
                    await self.backend.runs.cancel(self.run)

        self.app.push_screen(Confirm("Cancel this run?", "What it found is kept; it cannot go on."), decided)

    def action_approve(self) -> None:
        from .approve import ApproveScreen

        async def decided(answer: object | None) -> None:
            if answer is not None:
                with self.attempt("going on"):
                    await self.backend.runs.resume(self.run, answer)
                    self.follow()

        if self.view.approval is not None:
            self.app.push_screen(ApproveScreen(dict(self.view.approval)), decided)

    async def action_fork(self) -> None:
        step = selected(self.view, self.query_one(StepsList).chosen)
        if step is None:
            return
        with self.attempt(f"forked at {step.node}"):
            self.post_message(OpenRun(await self.backend.runs.fork(self.run, step.id), instead=True))

    def action_report(self) -> None:
        self.post_message(OpenReport(self.run))


def _switches(shown: str = "steps") -> list[Content]:
    """The narrow screen's tabs, with the keys that show them."""
    tabs = []
    for name in PANELS:
        style = "bold $accent" if name == shown else "$text-muted"
        tabs.append(Content.assemble(" ", (name[0], f"underline {style}"), (name[1:], style), " "))
    return tabs
