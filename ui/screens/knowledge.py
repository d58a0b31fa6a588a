"""What earlier runs verified: corrected, annotated, pinned and retracted beside the quote it rests on."""

from collections.abc import Sequence
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList

from agentflow.errors import AgentflowError

from ..known import KnownRow
from ..text import count, line
from ..widgets.hanging import Hanging, hang
from ..widgets.rows import Row, Rows
from ..widgets.source_pane import SourcePane
from .base import BaseScreen


class KnowledgeScreen(BaseScreen):
    PLACE = "knowledge"
    BINDINGS = [
        Binding("c", "write('correction')", "Correct"),
        Binding("a", "write('note')", "Annotate"),
        Binding("p", "pin", "Pin"),
        Binding("x", "retract", "Retract, restore"),
        Binding("v", "edit", "Open in $EDITOR", show=False),
        Binding("escape,q", "app.leave", "Back"),
    ]
    DEFAULT_CSS = """
    KnowledgeScreen #sides { height: 1fr; margin: 0 1; }
    KnowledgeScreen #claims { width: 2fr; height: 1fr; }
    KnowledgeScreen #quote { width: 3fr; height: 1fr; }
    KnowledgeScreen.-narrow #sides { layout: vertical; margin: 0; }
    KnowledgeScreen.-narrow #claims, KnowledgeScreen.-narrow #quote { width: 100%; }
    KnowledgeScreen.-tiny #quote { display: none; }
    """

    def __init__(self, text: str = "") -> None:
        """With the cursor on the claim that says `text`."""
        super().__init__()
        self.sought = text
        self.known: Sequence[KnownRow] = ()

    def body(self) -> ComposeResult:
        with Horizontal(id="sides"):
            yield Rows(id="claims", classes="panel", empty="Nothing is known yet: answered questions make it so.")
            yield SourcePane(id="quote", classes="panel")

    def on_mount(self) -> None:
        rows = self.query_one("#claims", Rows)
        rows.border_title = "Known from earlier runs"
        rows.focus()
        self.look()

    @work(exclusive=True)
    async def look(self) -> None:
        try:
            self.known = await self.backend.known.all()
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
            return
        rows = self.query_one("#claims", Rows)
        rows.border_subtitle = count(sum(not row.fault for row in self.known), "claim")
        rows.show([Row(row.claim.id, _row(row)) for row in self.known])
        wanted = next((row.claim.id for row in self.known if row.claim.text == self.sought), None)
        if self.sought and wanted is None:
            self.say("this claim is not remembered: its report says how far it was supported", severity="warning")
        if wanted or (rows.highlighted is None and self.known):
            rows.choose(wanted or self.known[0].claim.id)
        self.sought = ""

    @property
    def chosen(self) -> KnownRow | None:
        key = self.query_one("#claims", Rows).chosen
        return next((row for row in self.known if row.claim.id == key), None)

    @on(OptionList.OptionHighlighted, "#claims")
    async def show_quote(self) -> None:
        if (row := self.chosen) is None or not row.claim.quotes:
            return
        quote, pane = row.claim.quotes[0], self.query_one("#quote", SourcePane)
        pane.border_title = Content(line(quote.place))
        pane.border_subtitle = Content(f"run {row.claim.run}")
        await pane.load(quote.path, quote.quote, quote.line)

    def action_write(self, what: str) -> None:
        from .prompt import PromptScreen

        if (row := self.chosen) is None:
            return
        heading = {"correction": "What is right instead", "note": "A remark beside it"}[what]

        async def written(said: str | None) -> None:
            if said is not None:
                await self.tell(row, **{what: said})

        self.app.push_screen(PromptScreen(heading, str(getattr(row.claim, what)), "Keep"), written)

    async def action_pin(self) -> None:
        if row := self.chosen:
            await self.tell(row, pinned=not row.claim.pinned)

    async def action_retract(self) -> None:
        if row := self.chosen:
            await self.tell(row, retracted="" if row.claim.retracted else "it is wrong")

    async def tell(self, row: KnownRow, **said: Any) -> None:
        with self.attempt():
            await self.backend.known.say(row.claim.id, **said)
            self.look()

    async def action_edit(self) -> None:
        await self.query_one("#quote", SourcePane).edit()


def _row(row: KnownRow) -> Hanging:
    claim = row.claim
    mark = ("✗ ", "$text-warning") if row.fault else ("✓ ", "$text-success")
    facts = "  ".join(["pinned"] * claim.pinned + [claim.day, line(claim.question)])
    parts: list[str | tuple[str, str]] = [line(claim.text)]
    if claim.correction:
        parts.append((f"\ncorrected: {line(claim.correction)}", "$text-accent"))
    if claim.note:
        parts.append((f"\nnote: {line(claim.note)}", "$text-accent"))
    if row.fault:
        parts.append((f"\ncounts no more: {line(row.fault)}", "$text-warning"))
    return hang(mark, *parts, (f"\n{facts}", "$text-muted"))
