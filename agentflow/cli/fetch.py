"""`agentflow fetch "TOPIC"`: papers of scholarly sources into a folder and a collection of the project."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say
from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from pathlib import Path

    from agentflow.papers.connection import SourceConnection
    from agentflow.papers.fetch import FetchedPaper
    from agentflow.papers.paper import Paper

PATIENCE = 90.0  # seconds that a host's turn is waited for
LONG = 5.0  # seconds of a pause that is told
NAME = r"[A-Za-z0-9][\w-]{0,60}"


def fetch(
    topic: Annotated[str, typer.Argument(help="Words that title, abstract or authors should hold.")],
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            help="arxiv, crossref, openalex, semantic_scholar, pubmed; default: all that tools.yaml allows. Repeatable.",
        ),
    ] = None,
    most: Annotated[int, typer.Option("--max", help="Papers at most.", min=1, max=200)] = 20,
    into: Annotated[str, typer.Option("--into", help="The collection; its folder is papers/NAME.")] = "fetched",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what is found; fetch nothing.")] = False,
    lexical: Annotated[bool, typer.Option("--lexical", help="Make no vectors: search by words alone.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Find papers and keep those that are open. Off unless tools.yaml lists the hosts. Run it again to go on."""
    from agentflow.cli.fetch_view import kept_json, paper_json, show_papers, show_summary, show_troubles
    from agentflow.papers.allowed import chosen
    from agentflow.papers.connection import connected
    from agentflow.papers.fetch import require
    from agentflow.papers.find import find
    from agentflow.project import Project
    from agentflow.text.words import legible
    from agentflow.toolbox.settings import load_settings

    if not re.fullmatch(NAME, into):
        raise AgentflowError(f"'{into}' cannot name a collection", "use letters, digits, - and _")
    if not (topic := legible(topic).strip()):
        raise AgentflowError("no topic to look for", 'give some words: agentflow fetch "spring tides"')
    opened = Project.open(project)
    settings = load_settings(opened)
    if not dry_run:
        require()
    names = chosen(sources or [], settings)
    folder = opened.root / settings.papers.folder / into
    kept: list[FetchedPaper] = []
    try:
        with connected(opened.database, settings.network.hosts, settings.papers, PATIENCE, _sleep) as connection:
            found = find(connection, names, topic, most)
            if not dry_run:
                _keep(connection, folder, found.papers, kept)
        show_troubles(found.troubles)
        if len(found.troubles) == len(names) and not found.papers:
            raise typer.Exit(1)
        if json:
            papers = [paper_json(paper) for paper in found.papers] if dry_run else [kept_json(each) for each in kept]
            print_json({"folder": str(folder), "papers": papers, "troubles": found.troubles})
        else:
            show_papers(found.papers, kept)
        if any(each.path for each in kept):
            _collect(folder, into, project, lexical=lexical, quiet=json)
            if not json:
                show_summary(kept, folder, into)
    except KeyboardInterrupt:
        say("\nstopped; what is done is kept. Run the same command again to go on.", err=True)
        raise typer.Exit(130) from None


def _keep(connection: "SourceConnection", folder: "Path", papers: "list[Paper]", kept: "list[FetchedPaper]") -> None:
    from agentflow.cli.corpus_view import IngestView
    from agentflow.events import Progress
    from agentflow.papers.fetch import keep
    from agentflow.papers.shelf import Shelf

    shelf = Shelf(folder)
    with IngestView() as view:
        for number, paper in enumerate(papers, 1):
            kept.append(keep(connection, shelf, paper))
            view(Progress(task="papers", done=number, total=len(papers), unit="papers"))


def _collect(folder: "Path", into: str, project: "Path | None", *, lexical: bool, quiet: bool) -> None:
    """The folder is read, and has its name in collections.yaml."""
    import asyncio

    from agentflow.cli.corpus import ingest_paths, open_corpus
    from agentflow.cli.corpus_view import IngestView, show_report
    from agentflow.corpus.collections import FILE as COLLECTIONS
    from agentflow.corpus.collections import define

    with IngestView() as view:
        report = asyncio.run(ingest_paths([folder], project, lexical, view))
    with open_corpus(project) as corpus:
        if not define(corpus.base, into, corpus.stored_path(folder)):
            say(f"note: '{into}' in {COLLECTIONS} stands for something else and was left as it is", err=True)
    if not quiet:
        show_report(report)


def _sleep(seconds: float) -> None:
    import time

    if seconds >= LONG:
        say(f"waiting {seconds:.0f} s, as the host asks", err=True)
    time.sleep(seconds)
