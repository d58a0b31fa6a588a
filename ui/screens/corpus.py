"""The corpus: documents and their text, search with the words lit up, what could not be read and why."""

import re

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from agentflow.errors import AgentflowError
from agentflow.events import DocumentsRead, Note, Progress

from ..backend import DocumentRow, FoundPassage
from ..text import count, line
from ..widgets.hanging import Hanging, hang
from ..widgets.rows import Row, Rows
from ..widgets.source_pane import SourcePane
from .base import BaseScreen

NARROWING = 'Narrow it by path:notes/*.md type:pdf since:2023-05 until:2024 tag:river author:"Ann Berg" in:COLLECTION'


class CorpusScreen(BaseScreen):
    PLACE = "corpus"
    AUTO_FOCUS = "#list"
    CSS_PATH = "corpus.tcss"
    BINDINGS = [
        Binding("slash", "search", "Search"),
        Binding("a", "add", "Add"),
        Binding("delete,x", "remove", "Remove", key_display="x"),
        Binding("v", "edit", "Open in $EDITOR"),
        Binding("r", "look", "Refresh", show=False),
        Binding("w", "watch", "Keep the folders up to date: on, off", show=False),
        Binding("escape", "back", "Documents", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[DocumentRow] = []
        self.hits: list[FoundPassage] = []
        self.watched = ""  # what the watch is at, in words; empty while it is off

    def body(self) -> ComposeResult:
        yield Input(placeholder="Search passages", id="query", tooltip=NARROWING)
        with Horizontal(id="sides"):
            yield Rows(id="list", classes="panel", empty="No documents yet. Press a to add some.")
            with Vertical(id="reading"):
                yield Static(Content(""), id="reason", markup=False)
                yield SourcePane(id="text", classes="panel")

    def on_mount(self) -> None:
        self.query_one("#list").border_title = "Documents"
        self.query_one("#reason").display = False
        self.query_one("#list").focus()

    def on_screen_resume(self) -> None:
        self.action_look()

    @work(exclusive=True, group="look")
    async def action_look(self) -> None:
        try:
            self.documents = await self.backend.documents.all()
        except AgentflowError as error:
            self.say(error.message, severity="error")
            return
        if not self.hits:
            self.draw()

    def draw(self) -> None:
        rows = self.query_one("#list", Rows)
        ordered = sorted(self.documents, key=lambda item: (not item.error, item.path))
        failed = sum(1 for item in self.documents if item.error)
        rows.border_title = "Documents"
        subtitle = count(len(self.documents) - failed, "document") + (f", {failed} could not be read" if failed else "")
        rows.border_subtitle = " · ".join(filter(None, (subtitle if self.documents else "", self.watched)))
        rows.show([Row(item.path, _document(item)) for item in ordered])
        if rows.highlighted is None and ordered:
            rows.highlighted = 0

    @on(Input.Submitted, "#query")
    async def asked(self, event: Input.Submitted) -> None:
        if query := event.value.strip():
            self.find(query)
        else:
            self.action_back()

    @work(exclusive=True, group="find")
    async def find(self, query: str) -> None:
        rows = self.query_one("#list", Rows)
        rows.border_title, rows.border_subtitle = Content(f"Search: {line(query)}"), "searching …"
        try:
            self.hits = await self.backend.documents.search(query)
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
            self.draw()
            return
        rows.border_subtitle = count(len(self.hits), "passage")
        rows.empty = "nothing found; esc shows the documents again"
        rows.show([Row(f"hit-{at}", _hit(hit)) for at, hit in enumerate(self.hits)])
        rows.focus()
        if self.hits:
            rows.highlighted = 0

    @on(OptionList.OptionHighlighted, "#list")
    async def chosen(self) -> None:
        key = self.query_one("#list", Rows).chosen or ""
        pane, reason = self.query_one("#text", SourcePane), self.query_one("#reason", Static)
        if key.startswith("hit-") and int(key[4:]) < len(self.hits):
            hit = self.hits[int(key[4:])]
            pane.border_title = Content(line(hit.place))
            reason.display = False
            await pane.load(hit.path, hit.text)
            return
        document = next((item for item in self.documents if item.path == key), None)
        if document is None:
            return
        pane.border_title = Content(line(document.path))
        pane.border_subtitle = Content(f"{document.bytes:,} bytes · {count(document.passages, 'passage')}")
        reason.display = bool(document.error)
        reason.update(hang(("✗ ", "$text-error"), line(document.error)))
        pane.display = not document.error
        if not document.error:
            await pane.load(document.path, "")

    def action_search(self) -> None:
        self.query_one("#query").focus()

    def action_back(self) -> None:
        """From the hits back to the documents, from the search line to the list."""
        self.hits = []
        self.query_one("#query", Input).clear()
        self.query_one("#list").focus()
        self.draw()

    def action_add(self) -> None:
        from .add import AddScreen

        def added(_: bool | None) -> None:
            self.action_look()
            if self.watched:
                self.watch_folders()

        self.app.push_screen(AddScreen(self.backend), added)

    async def action_watch(self) -> None:
        """A switch; what is watched goes on while other screens are shown."""
        if self.watched:
            with self.attempt("the folders are not watched any more"):
                await self.backend.documents.unwatch()
        else:
            self.watch_folders()

    @work(exclusive=True, group="watch")
    async def watch_folders(self) -> None:
        self.tell_watch("watching")
        try:
            async for event in self.backend.documents.watch():
                match event:
                    case DocumentsRead():
                        self.action_look()
                    case Progress(task="embeddings"):
                        done = event.done >= event.total
                        self.tell_watch(
                            "watching" if done else f"watching, vectors {event.done:,.0f} of {event.total:,.0f}"
                        )
                    case Note():
                        self.say(event.text, severity="warning" if event.level == "warning" else "information")
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
        self.tell_watch("")

    def tell_watch(self, state: str) -> None:
        self.watched = state
        if not self.hits:
            self.draw()

    def action_remove(self) -> None:
        from .confirm import Confirm

        key = self.query_one("#list", Rows).chosen
        document = next((item for item in self.documents if item.path == key), None)
        if document is None:
            return

        async def decided(sure: bool | None) -> None:
            if sure:
                with self.attempt("removed"):
                    await self.backend.documents.remove(document.path)
                    self.action_look()

        about = f"{line(document.path)}: its passages are dropped; the file itself stays. Adding its folder again brings it back."
        self.app.push_screen(Confirm("Remove this document from the corpus?", about), decided)

    async def action_edit(self) -> None:
        await self.query_one("#text", SourcePane).edit()


def _document(item: DocumentRow) -> Hanging:
    if item.error:
        return hang(("✗ ", "$text-error"), line(item.path), (f"\n{line(item.error)}", "$text-warning"))
    facts = "  ".join(fact for fact in (line(item.path), line(item.date), count(item.passages, "passage")) if fact)
    return hang(("· ", "$text-muted"), line(item.title) or line(item.path), (f"\n{facts}", "$text-muted"))


def _hit(hit: FoundPassage) -> Content:
    """The passage with the words of the query lit up."""
    text = Content(line(hit.text)[:600])
    for term in hit.terms:
        for match in re.finditer(rf"\b{re.escape(line(term))}\w*", text.plain, re.IGNORECASE):
            text = text.stylize("bold $accent", *match.span())
    return Content.assemble((line(hit.title), "$primary"), (f"  {line(hit.place)}\n", "$text-muted"), text, "\n")
