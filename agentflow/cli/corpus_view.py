"""How ingest, search and the corpus look in a terminal. Document text is drawn as plain text, never as markup."""

import re
import time
from collections.abc import Sized
from dataclasses import asdict
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from agentflow import events
from agentflow.cli.bars import Bars
from agentflow.cli.terminal import Terminal
from agentflow.corpus.document import Document, Status
from agentflow.corpus.ingest.ingest import IngestReport
from agentflow.corpus.passage import Passage
from agentflow.events import Event
from agentflow.text.plain import plain

SHOWN = 8


class IngestView(Bars):
    """A sink: one bar for each kind of progress, with speed and time left."""

    def __init__(self) -> None:
        task = TextColumn("{task.description:>12}", markup=False)
        unit = TextColumn("{task.fields[unit]}", markup=False)
        super().__init__(task, BarColumn(), MofNCompleteColumn(), unit, TimeRemainingColumn())

    def __call__(self, event: Event) -> None:
        if isinstance(event, events.Note):
            print_note(event)
        if isinstance(event, events.Progress):
            self.advance(event)


class WatchView(IngestView):
    """One line for each batch of changes."""

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        if isinstance(event, events.DocumentsRead):
            self.bars.console.print(Text(changes_line(event)))


def changes_line(event: events.DocumentsRead) -> str:
    """`14:03:12  changed notes/a.md; removed 12 documents (0.2 s)`."""
    kinds = {"added": event.added, "changed": event.changed, "removed": event.removed, "failed": event.failed}
    told = [
        f"{name} {plain(paths[0]) if len(paths) == 1 else f'{len(paths):,} documents'}"
        for name, paths in kinds.items()
        if paths
    ]
    told += [f"{event.unchanged:,} unchanged"] if event.unchanged else []
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    return f"{clock}  {'; '.join(told) or 'nothing to read'} ({event.seconds:.1f} s)"


def print_note(event: Event) -> None:
    if isinstance(event, events.Note):
        Terminal(stderr=True).print(Text(f"note: {event.text}", "yellow"))


def show_report(report: IngestReport) -> None:
    console = Terminal()
    counts: dict[str, Sized] = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "read in part": report.partly,
        "failed": report.failed,
        "skipped": report.skipped,
        "ignored": report.ignored,
    }
    line = ", ".join(f"{len(found):,} {name}" for name, found in counts.items() if found)
    console.print(
        Text(f"{line}; {report.chunks:,} passages cut, {report.embedded:,} embedded in {report.seconds:.1f} s")
    )
    for name, style, troubles in (
        ("failed", "red", report.failed),
        ("not read", "yellow", report.partly),
        ("skipped", "dim", report.skipped),
    ):
        for path, reason in troubles[:SHOWN]:
            console.print(Text(f"  {name}: {plain(path)}: {plain(reason)}", style))
        if len(troubles) > SHOWN:
            console.print(Text(f"  and {len(troubles) - SHOWN:,} more {name}", style))


def show_status(status: Status) -> None:
    console = Terminal()
    grid = Table.grid(padding=(0, 2))
    for name, value in (
        ("documents", f"{status.documents:,}"),
        ("passages", f"{status.chunks:,} ({status.sentences:,} sentences)"),
        ("vectors", f"{status.vectors:,}, {status.indexed:,} indexed ({status.embedder or 'no embedder yet'})"),
        ("on disk", f"{status.bytes / 1e6:,.1f} MB"),
        ("folders", plain("\n".join(status.roots)) or "none"),
    ):
        grid.add_row(Text(name, "bold"), Text(value))
    console.print(grid)
    for path, reason in status.failed:
        console.print(Text(f"failed: {plain(path)}: {plain(reason)}", "red"))
    for path, reason in status.partly:
        console.print(Text(f"not read: {plain(path)}: {plain(reason)}", "yellow"))


def show_documents(documents: list[Document]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("path", "title", "date"):
        table.add_column(name, overflow="fold")
    table.add_column("passages", justify="right")
    for document in documents:
        title = Text(plain(document.error), "red") if document.error else Text(plain(document.title))
        table.add_row(Text(plain(document.path)), title, document.date, f"{document.chunks:,}")
    Terminal().print(table)


def show_passages(passages: list[Passage]) -> None:
    console = Terminal()
    if not passages:
        console.print("nothing found")
    for rank, passage in enumerate(passages, 1):
        console.print(
            Text.assemble(
                (f"{rank:>2}. ", "bold"), (plain(str(passage.place)), "cyan"), "  ", (plain(passage.source), "bold")
            )
        )
        if passage.copies:
            console.print(Text(f"    also {plain(', '.join(map(str, passage.copies)))}", "cyan"))
        text = Text(plain(passage.text))
        if passage.terms:
            stems = "|".join(re.escape(term[: max(4, len(term) - 3)]) for term in passage.terms)
            text.highlight_regex(rf"(?i)\b(?:{stems})\w*", "yellow")
        console.print(text, style="none")
        console.print()


def passage_json(passage: Passage) -> dict[str, Any]:
    return {**asdict(passage), "source": passage.source}
