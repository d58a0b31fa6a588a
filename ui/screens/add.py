"""Adding documents: the likely folders are listed, any path can be typed; progress is shown until all is read."""

import asyncio
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from agentflow.errors import AgentflowError
from agentflow.events import Note, Progress

from ..backend import Backend
from ..folders import FolderChoice, choices, completions
from ..text import count, line
from ..widgets.meters import bar
from ..widgets.rows import Row, Rows


class AddScreen(ModalScreen[bool]):
    """Dismissed with whether anything was added."""

    BINDINGS = [("escape", "leave", "Back")]
    DEFAULT_CSS = """
    AddScreen Rows { height: auto; max-height: 14; margin-top: 1; background: $surface; }
    AddScreen Input { margin-top: 1; }
    AddScreen #progress { margin-top: 1; height: auto; }
    """

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self.backend = backend
        self.offered: list[FolderChoice] = []
        self.added = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(
                Content.styled("Choose a folder, or type the path of a folder or file.", "$text-muted"),
                id="about",
                markup=False,
            )
            yield Rows(id="choices", empty="looking around …")
            yield Input(placeholder="/path/to/documents", id="path")
            yield Static(
                Content.styled("enter adds · tab switches · esc goes back", "$text-muted"), id="progress", markup=False
            )

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = "Add documents"
        self.offer("")

    @work(exclusive=True, group="offer")
    async def offer(self, typed: str) -> None:
        """Likely folders, or what the typed path may go on to; counting is done beside the screen."""
        found = (
            await asyncio.to_thread(completions, typed)
            if typed
            else await asyncio.to_thread(choices, self.backend.root)
        )
        self.offered = found
        rows = self.query_one("#choices", Rows)
        rows.empty = "nothing to read near here; type a path below" if not typed else "no such folder or file"
        rows.rows = ()
        rows.clear_options()
        rows.show([Row(str(choice.path), _choice(choice, self.backend.root)) for choice in found])
        if found:
            rows.highlighted = 0
        if not typed:
            (rows if found else self.query_one(Input)).focus()

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        self.offer(event.value)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.add(Path(event.value.strip()).expanduser())

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self.offered):
            self.add(self.offered[event.option_index].path)

    @work(exclusive=True, group="add")
    async def add(self, path: Path) -> None:
        self.query_one("#choices").display = self.query_one(Input).display = False
        self.query_one("#about", Static).update(Content.assemble("Reading ", (line(str(path)), "bold")))
        self.tell(Content.styled("starting …", "$text-muted"))
        notes: list[str] = []
        try:
            async for event in self.backend.documents.add([path]):
                if isinstance(event, Progress):
                    self.tell(_progress(event))
                elif isinstance(event, Note):
                    notes.append(line(event.text))
                self.added = True
        except AgentflowError as error:
            self.tell(Content.assemble((f"✗ {line(error.message)}", "$text-error"), f"\n{line(error.hint)}"))
            self.query_one("#choices").display = self.query_one(Input).display = True
            self.query_one(Input).focus()
            return
        for note in notes[-3:]:
            self.notify(note, severity="warning", markup=False)
        self.dismiss(True)

    def tell(self, content: Content) -> None:
        self.query_one("#progress", Static).update(content)

    def action_leave(self) -> None:
        """What was read so far is kept."""
        self.dismiss(self.added)


def _choice(choice: FolderChoice, root: Path) -> Content:
    files = f"{choice.files:,}{'+' if choice.more else ''} {'file' if choice.files == 1 else 'files'}"
    here = "  this project" if choice.path == root.resolve() else ""
    return Content.assemble(line(str(choice.path)), (f"  {files}", "$text-muted"), (here, "$accent"))


def _progress(event: Progress) -> Content:
    if not event.total:
        return Content.assemble((line(event.task), "bold"), f"  {event.done:,.0f} {line(event.unit)}")
    share = event.done / event.total
    return Content.assemble(
        (f"{line(event.task):<12}", "bold"),
        (bar(share, 30), "$accent"),
        f" {event.done:,.0f} of {count(event.total, line(event.unit).removesuffix('s') or 'item')}",
    )
