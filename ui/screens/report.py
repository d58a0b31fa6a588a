"""A finished run: claims on one side, and on the other the source of the citation under the cursor, quote lit up."""

from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from agentflow.errors import AgentflowError
from agentflow.research.report.schema import Quote
from agentflow.status import RunStatus

from ..backend import RunResult
from ..messages import OpenRun
from ..report_rows import ReportRows
from ..text import line
from ..themes import sign
from ..widgets.rows import Rows
from ..widgets.source_pane import SourcePane
from .base import BaseScreen


class ReportScreen(BaseScreen):
    PLACE = "report"
    CSS_PATH = "report.tcss"
    BINDINGS = [
        Binding("right,l", "citation(1)", "Next citation", key_display="→"),
        Binding("left,h", "citation(-1)", "Previous", key_display="←", show=False),
        Binding("n", "claim(1)", "Next claim"),
        Binding("N,p", "claim(-1)", "Previous claim", show=False),
        Binding("d", "contradiction", "Contradictions"),
        Binding("u", "follow_up", "Follow up"),
        Binding("w", "export", "Export"),
        Binding("m", "markdown", "Markdown"),
        Binding("v", "edit", "Open in $EDITOR"),
        Binding("f", "run", "Run", show=False),
        Binding("c", "known", "Correct, annotate, pin or retract the claim", show=False),
        Binding("escape,q", "app.leave", "Back"),
    ]

    def __init__(self, run: str) -> None:
        super().__init__()
        self.run = run
        self.findings = ReportRows(RunResult(run, "", RunStatus.WAITING))
        self.citation = 0

    def body(self) -> ComposeResult:
        yield Static(Content(""), id="question", markup=False)
        with Horizontal(id="sides"):
            yield Rows(id="findings", classes="panel")
            yield VerticalScroll(id="markdown", classes="panel")
            with Vertical(id="sources"):
                yield SourcePane(id="left", classes="panel")
                yield SourcePane(id="right", classes="panel")

    def on_mount(self) -> None:
        self.query_one("#findings").border_title = "Findings"
        self.query_one("#right").display = False
        self.query_one("#markdown").display = False
        self.load()

    @work(exclusive=True)
    async def load(self) -> None:
        try:
            result = await self.backend.runs.result(self.run)
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
            return
        self.findings = ReportRows(result)
        mark, style = sign(result.status)
        title = self.findings.question or line(result.graph)
        self.query_one("#question", Static).update(Content.assemble((f" {mark} ", style), (title, "bold")))
        rows = self.query_one("#findings", Rows)
        rows.show(self.findings.rows())
        rows.focus()
        if first := next((row.key for row in rows.rows if row.choosable), None):
            rows.choose(first)
        elif result.markdown and not self.findings.claims and not result.output.get("question"):
            await self.action_markdown()

    @on(OptionList.OptionHighlighted, "#findings")
    async def row_chosen(self) -> None:
        self.citation = 0
        rows = self.query_one("#findings", Rows)
        choosable = [row.key for row in rows.rows if row.choosable]
        if rows.chosen == choosable[0]:
            rows.call_after_refresh(rows.scroll_home, animate=False)
        elif rows.chosen == choosable[-1]:
            rows.call_after_refresh(rows.scroll_end, animate=False)
        await self.show_sources()

    async def show_sources(self) -> None:
        rows = self.query_one("#findings", Rows)
        key = rows.chosen
        if key is None:
            return
        rows.show(self.findings.rows(key, self.citation))
        numbers = self.findings.citations(key)
        quotes = [self.findings.quotes[number] for number in numbers]
        both = key.startswith("conflict") and len(quotes) == 2
        left, right = self.query_one("#left", SourcePane), self.query_one("#right", SourcePane)
        right.display = both
        if both:
            await _show(left, quotes[0])
            await _show(right, quotes[1])
        elif quotes:
            await _show(left, quotes[self.citation % len(quotes)])

    async def action_citation(self, by: int) -> None:
        """To the next citation of the claim; from the last one on to the next claim."""
        rows = self.query_one("#findings", Rows)
        if rows.chosen is None:
            return
        citations = self.findings.citations(rows.chosen)
        if not rows.chosen.startswith("claim") or not 0 <= self.citation + by < len(citations):
            rows.action_cursor_down() if by > 0 else rows.action_cursor_up()
            return
        self.citation += by
        await self.show_sources()

    def action_claim(self, by: int) -> None:
        rows = self.query_one("#findings", Rows)
        rows.focus()
        rows.action_cursor_down() if by > 0 else rows.action_cursor_up()

    def action_contradiction(self) -> None:
        """To the next pair of sources that contradict each other."""
        rows = self.query_one("#findings", Rows)
        pairs = [row.key for row in rows.rows if row.key.startswith("conflict")]
        if not pairs:
            self.say("no sources contradict each other here")
            return
        at = pairs.index(rows.chosen) + 1 if rows.chosen in pairs else 0
        rows.choose(pairs[at % len(pairs)])

    async def action_edit(self) -> None:
        await self.query_one("#left", SourcePane).edit()

    async def action_markdown(self) -> None:
        """The report as one rendered document, and back."""
        box, findings = self.query_one("#markdown", VerticalScroll), self.query_one("#findings")
        if not box.children:
            from textual.widgets import Markdown

            from ..text import plain

            await box.mount(
                Markdown(plain(self.findings.result.markdown) or "*nothing was handed out*", open_links=False)
            )
            box.border_title = "Report"
        box.display = not box.display
        findings.display = not box.display
        self.query_one("#sources").display = not box.display
        (box if box.display else findings).focus()

    def action_follow_up(self) -> None:
        from .prompt import PromptScreen

        def asked(question: str | None) -> None:
            if question:
                self.start_follow_up(question)

        self.app.push_screen(PromptScreen("Ask on: a follow-up question on the same documents", "", "Ask"), asked)

    @work
    async def start_follow_up(self, question: str) -> None:
        with self.attempt():
            self.post_message(OpenRun(await self.backend.runs.follow_up(self.run, question)))

    def action_export(self) -> None:
        from .prompt import PromptScreen

        async def named(path: str | None) -> None:
            if path:
                wanted = Path(path).expanduser()
                with self.attempt(f"written to {wanted}"):
                    await self.backend.runs.export(self.run, wanted)

        self.app.push_screen(
            PromptScreen("Export the report (.md, .html, .docx, .pdf or .json)", f"report-{self.run}.md", "Write"),
            named,
        )

    def action_known(self) -> None:
        key = self.query_one("#findings", Rows).chosen or ""
        at = key.removeprefix("claim-") if key.startswith("claim-") else ""
        self.agentflow.action_known(self.findings.claims[int(at)].text if at else "")

    def action_run(self) -> None:
        self.post_message(OpenRun(self.run))


async def _show(pane: SourcePane, quote: Quote) -> None:
    about = " · ".join(part for part in (line(quote.place), line(quote.date)) if part)
    pane.border_title = Content(about)
    pane.border_subtitle = Content(line(quote.source))
    await pane.load(quote.path, quote.quote, quote.line)
