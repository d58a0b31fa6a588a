"""`agentflow watch`: folders kept in step with the corpus while it runs."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import JsonOption, ProjectOption
from agentflow.cli.output import print_event, say

if TYPE_CHECKING:
    from agentflow.events import Sink


def watch(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER...", help="Default: all that was ever ingested.")
    ] = None,
    lexical: Annotated[bool, typer.Option("--lexical", help="Make no vectors: search by words alone.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Keep folders up to date until Ctrl-C: words are found at once, vectors follow. Searches and runs go on beside it."""
    from agentflow.cli.corpus_view import WatchView

    try:
        if json:
            asyncio.run(_watch(folders or [], project, lexical, print_event))
        else:
            with WatchView() as view:
                asyncio.run(_watch(folders or [], project, lexical, view))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("stopped; what is done is kept", err=True)


async def _watch(folders: Sequence[Path], project: Path | None, lexical: bool, sink: "Sink") -> None:
    from agentflow.cli.corpus import opened
    from agentflow.corpus.files.files import existing
    from agentflow.corpus.ingest.watch import Watch

    roots = [existing(folder) for folder in folders]
    if task := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with opened(project, sink, lexical=lexical, create=True) as (corpus, embedder):
        await Watch(corpus, roots, embedder=embedder, sink=sink).run()
