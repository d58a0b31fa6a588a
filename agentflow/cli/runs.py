"""`agentflow runs ...`: what ran, how it went, and what is kept of it. The verbs that run something: runs_again.py."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import JsonLinesOption, JsonOption, ProjectOption, print_json
from agentflow.cli.output import json_text, say

if TYPE_CHECKING:
    from agentflow.runs.store import RunStore

app = typer.Typer(name="runs", help="Runs: list, show, resume, fork, replay, compare, export.", no_args_is_help=True)
RunArgument = Annotated[str, typer.Argument(metavar="ID", help="A run's id, its start or end, or `last`.")]


def open_store(project: Path | None) -> "RunStore":
    """Raises AgentflowError when the project has no database yet."""
    from agentflow.project import Project
    from agentflow.runs.store import RunStore

    return RunStore(Project.open(project).store, create=False)


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option(help="At most this many, the newest first.")] = 20,
    status: Annotated[str, typer.Option(help="Only runs of this status.")] = "",
    graph: Annotated[str, typer.Option(help="Only runs of this graph.")] = "",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """List runs."""
    from agentflow.runs.leases import state_of

    found = open_store(project).list(limit=limit, status=status, graph=graph)
    if json:
        print_json([{**asdict(run), "state": state_of(run)} for run in found])
        return
    from agentflow.cli.runs_view import show_list

    show_list(found)


@app.command()
def show(run: RunArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Show one run: its steps, what it cost, how it ended."""
    from agentflow.runs.event_log import read
    from agentflow.runs.leases import state_of
    from agentflow.runs.outcome import outcome_of
    from agentflow.runs.step_summary import steps_of

    store = open_store(project)
    found = store.find(run)
    steps = steps_of(entry.event for entry in read(store, found.id))
    outcome = outcome_of(store, found)
    if json:
        print_json({**asdict(found), "state": state_of(found), "usage": asdict(outcome.usage),
                    "steps": [asdict(step) for step in steps]})  # fmt: skip
        return
    from agentflow.cli.runs_view import show_run

    show_run(found, steps, outcome)


@app.command()
def watch(run: RunArgument = "last", json: JsonLinesOption = False, project: ProjectOption = None) -> None:
    """Follow a run's events, also of another process, until it ends or is paused."""
    import time

    from agentflow.cli.runs_view import line_of
    from agentflow.project import Project
    from agentflow.runs.follow import Follower
    from agentflow.status import GOES_ON

    store = open_store(project)
    follower = Follower(store, Project.open(project).state, store.find(run).id)
    while True:
        news = follower.news()
        for entry in news.entries:
            if text := json_text(entry.event.to_json()) if json else line_of(entry.event):
                say(text)
        if news.state not in GOES_ON:
            return
        time.sleep(0.2)


@app.command()
def diff(a: RunArgument, b: RunArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Compare two runs: plan, evidence, claims, cost. Exit code 1 when they differ in what they say."""
    from agentflow.runs.diff import diff as compare
    from agentflow.runs.outcome import outcome_of

    store = open_store(project)
    old, new = store.find(a), store.find(b)
    found = compare(old, new, outcome_of(store, old).usage, outcome_of(store, new).usage)
    if json:
        print_json({**asdict(found), "same": found.same})
    else:
        from agentflow.cli.runs_view import show_diff

        show_diff(found)
    raise typer.Exit(0 if found.same else 1)


@app.command()
def export(
    run: RunArgument = "last",
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "--to",
            "-f",
            help="md, html, docx, pdf, latex, svg (timeline of the sources), json, bibtex, csl, jsonl, bundle or otel;"
            " default: by the ending of --out, else md.",
        ),
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write; - for stdout.")] = None,
    cite: Annotated[
        str,
        typer.Option("--cite", help="Citations and references in this style: apa, chicago, ieee, mla, or a CSL name."),
    ] = "",
    endpoint: Annotated[str, typer.Option(help="otel: the collector; default: that of telemetry.yaml.")] = "",
    project: ProjectOption = None,
) -> None:
    """Write a run as a document, its events, a self-contained bundle, or send it as OpenTelemetry spans."""
    import sys

    from agentflow.export.formats import SUFFIXES, export, form_for
    from agentflow.project import Project
    from agentflow.runs.outcome import outcome_of

    store = open_store(project)
    found = store.find(run)
    if form == "otel":
        from agentflow.export.collector import send
        from agentflow.telemetry.settings import load_telemetry

        telemetry = load_telemetry(Project.open(project).root)
        to = endpoint or telemetry.traces
        say(f"{send(store, found.id, to, content=telemetry.content)} spans sent to {to}")
        return
    form = form or (form_for(out.name) if out else "md")
    data = export(store, outcome_of(store, found), form, cite, Project.open(project).database)
    path = out or Path(f"run-{found.id}.{SUFFIXES[form]}")
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        return
    from agentflow.storage.handed_out import hand_out

    hand_out(path, data, Project.open(project).state)
    say(f"written to {path}")


@app.command()
def verify(
    run: Annotated[str, typer.Argument(metavar="[ID]", help="One run; all of them when not given.")] = "",
    head: Annotated[
        str, typer.Option("--head", help="'NUMBER SEAL' of the run's events as noted before: they must still be there.")
    ] = "",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Check every stored row against its hash, and the chain of events. Exit code 1 when rows were changed, removed or cut."""
    from agentflow.errors import AgentflowError
    from agentflow.runs.verify import head_of
    from agentflow.runs.verify import verify as check

    if head and not run:
        raise AgentflowError("a head is that of one run", "name it: agentflow runs verify ID --head ...")
    store = open_store(project)
    names = [store.find(run).id] if run else [found.id for found in store.list(limit=1_000_000)]
    faults = {"file": store.database.faults(), **{name: check(store, name, head) for name in names}}
    damaged = {name: found for name, found in faults.items() if found}
    if json:
        heads = {"head": head_of(store, names[0])} if run else {}
        print_json({"checked": len(names), "damaged": damaged, **heads})
    else:
        for name, found in damaged.items():
            say("\n".join(f"{name}: {fault}" for fault in found))
        say(f"{len(names)} runs checked, {len(damaged)} damaged" if damaged else f"{len(names)} runs checked: whole")
        if run and not damaged:
            say(f"head of its events: {head_of(store, names[0])}")
    raise typer.Exit(1 if damaged else 0)


@app.command()
def gc(
    keep: Annotated[int | None, typer.Option(help="Keep this many finished runs, delete older ones.")] = None,
    days: Annotated[float | None, typer.Option(help="Delete finished runs older than this.")] = None,
    prune: Annotated[
        float, typer.Option(help="Keep only the last checkpoint of runs older than this many days.")
    ] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Delete old runs, with the files they wrote, and parts that nothing needs. Runs that have not ended stay."""
    from agentflow.project import Project
    from agentflow.runs.gc import collect

    done = collect(
        open_store(project), Project.open(project), keep=keep, older_than_days=days, prune_days=prune, dry_run=dry_run
    )
    if json:
        print_json(asdict(done))
        return
    would = "would delete" if dry_run else "deleted"
    say(f"{would} {len(done.runs)} runs, {done.checkpoints} checkpoints, {done.blobs} blobs, {done.bytes:,} bytes")
