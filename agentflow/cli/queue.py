"""`agentflow queue`: what waits, what runs, what was given up."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.runs.run import Run
    from agentflow.runs.store import RunStore

app = typer.Typer(name="queue", help="The queue of runs: look, requeue, dead letters.", invoke_without_command=True)
MOST = 1_000_000


@app.callback()
def queue(context: typer.Context, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Show what waits, what workers carry and what was given up, with ages."""
    if context.invoked_subcommand:
        return
    from agentflow.cli.runs import open_store

    catalog = open_store(project)
    waiting = sorted(catalog.list(limit=MOST, status="queued"), key=lambda run: (-run.priority, run.queued, run.number))
    running = [run for run in catalog.list(limit=MOST, status="running") if run.lease > 0]
    dead = _dead(catalog)
    if json:
        groups = {"waiting": waiting, "running": running, "dead": dead}
        print_json({name: [_facts(run) for run in runs] for name, runs in groups.items()})
        return
    say(f"{len(waiting)} waiting, {len(running)} running, {len(dead)} given up")
    _show([*running, *waiting[:20], *dead[:20]])


@app.command()
def dead(project: ProjectOption = None, json: JsonOption = False) -> None:
    """List the runs that were given up or failed, with the reason."""
    from agentflow.cli.runs import open_store

    found = _dead(open_store(project))
    if json:
        print_json([_facts(run) for run in found])
    elif found:
        _show(found)
    else:
        say("none")


@app.command()
def requeue(
    runs: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Runs; leave out with --dead.")] = None,
    every: Annotated[bool, typer.Option("--dead", help="Every run that was given up.")] = False,
    answer: Annotated[str | None, typer.Option("--answer", "-a", help="Your reply, as text or JSON.")] = None,
    project: ProjectOption = None,
) -> None:
    """Let runs wait for a worker again: given up, failed, paused or cut off ones. What is finished is not done again."""
    from agentflow.cli.runs import open_store
    from agentflow.cli.runs_again import parsed
    from agentflow.errors import AgentflowError
    from agentflow.runs.queue import requeue as again

    catalog = open_store(project)
    names = [*(runs or []), *((run.id for run in catalog.list(limit=MOST, status="dead")) if every else [])]
    if not names and not every:
        raise AgentflowError("name a run, or --dead for every run that was given up", "see `agentflow queue dead`")
    for name in names:
        say(f"run {again(catalog, name, answer=parsed(answer)).id} is queued")
    if not names:
        say("none")


def _dead(catalog: "RunStore") -> "list[Run]":
    """Given up, or failed by itself after it was queued."""
    failed = [run for run in catalog.list(limit=MOST, status="failed") if run.queued]
    return [*catalog.list(limit=MOST, status="dead"), *failed]


def _facts(run: "Run") -> dict[str, object]:
    keys = ("id", "graph", "status", "message", "priority", "not_before", "queued", "attempts", "most_attempts",
            "requested_by", "owner")  # fmt: skip
    return {**{key: getattr(run, key) for key in keys}, "about": run.title}


def _show(runs: "list[Run]") -> None:
    from rich.table import Table
    from rich.text import Text

    from agentflow.cli.runs_view import STYLES
    from agentflow.cli.terminal import Terminal

    if not runs:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("run", "state", "age", "priority", "attempts"):
        table.add_column(name, no_wrap=True)
    table.add_column("about", overflow="ellipsis")
    now = time.time()
    for run in runs:
        about = f"{run.title}: {run.message}" if run.message else run.title
        age = f"in {ago(run.not_before - now)}" if run.not_before > now else ago(now - run.queued)
        table.add_row(
            run.id, Text(run.status, STYLES.get(run.status, "")), age, str(run.priority),
            f"{run.attempts} of {run.most_attempts}", Text(about),
        )  # fmt: skip
    Terminal().print(table)


def ago(seconds: float) -> str:
    """A length of time for a person: 12 s, 5 min, 3 h, 2 d."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
