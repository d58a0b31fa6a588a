"""The source of the citation under the cursor: its document with the quote lit up, or the quote alone when it is gone."""

import os
import shlex
import subprocess
from typing import cast

from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentflow.errors import AgentflowError

from ..messages import Host
from ..quotes import span_of
from ..text import line
from .source import SourceView


class SourcePane(Vertical):
    DEFAULT_CSS = """
    SourcePane { #trouble { height: auto; padding: 0 1; color: $text-warning; display: none; } SourceView { height: 1fr; } }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.path, self.line = "", 1
        self.texts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="trouble", markup=False)
        yield SourceView()

    async def load(self, path: str, quote: str, number: int = 1) -> None:
        """Shows `quote` near line `number` of the document at `path`."""
        self.path, self.line = path, number
        view = self.query_one(SourceView)
        try:
            if path not in self.texts:
                self.texts = {path: await cast("Host", self.app).backend.documents.text(path)}
            text = self.texts[path]
        except AgentflowError as error:
            self.tell(f"{error.message}: this is the quote as it was copied")
            view.show(quote, 0, len(quote))
            return
        span = span_of(text, quote, number)
        self.tell(
            "" if span else "The document has changed since: the quote is no longer in it. This is what was copied."
        )
        view.show(*(text, *span) if span else (quote, 0, len(quote)))

    def tell(self, trouble: str) -> None:
        note = self.query_one("#trouble", Static)
        note.update(Content(line(trouble)))
        note.display = bool(trouble)

    async def edit(self) -> None:
        """Opens the file in $EDITOR (or vi) at the quote's line; the screen comes back when it is closed."""
        if not self.path:
            return
        try:
            file = await cast("Host", self.app).backend.documents.file(self.path)
            command = editor(str(file), self.line)
            with self.app.suspend():
                subprocess.run(command, check=False)  # noqa: ASYNC221 - the editor has the terminal
        except (SuspendNotSupported, OSError, AgentflowError) as error:
            self.notify(f"cannot open an editor here: {line(str(error))}", severity="warning", markup=False)


def editor(file: str, number: int) -> list[str]:
    """The command line, with the line number in the way the editor understands."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    name = os.path.basename(command[0])
    if name in ("code", "codium", "cursor"):
        return [*command, "--wait", "--goto", f"{file}:{number}"]
    if name in ("hx", "helix", "subl", "zed"):
        return [*command, f"{file}:{number}"]
    return (
        [*command, f"+{number}", file]
        if name in ("vi", "vim", "nvim", "nano", "emacs", "micro", "less", "kak", "joe", "ed")
        else [*command, file]
    )
