"""`agentflow runs resume | pause | cancel | fork | replay`, and `agentflow resume`: verbs that make something run."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import (
    BudgetOption,
    JsonOption,
    ModelOption,
    ProjectOption,
    parse_limits,
    parse_models,
    parse_pairs,
    print_json,
)
from agentflow.cli.output import say
from agentflow.cli.runs import RunArgument, app

if TYPE_CHECKING:
    from agentflow.budget import Limits
    from agentflow.engine import Engine
    from agentflow.runs.outcome import Outcome
    from agentflow.runs.replay import Replay


@app.command()
def resume(
    run: RunArgument = "last",
    answer: Annotated[str | None, typer.Option("--answer", "-a", help="Your reply, as text or JSON.")] = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Continue a run that was paused, stopped or killed; nothing finished is done again."""
    finish(project, json, lambda engine: engine.resume(run, answer=parsed(answer), limits=limits_of(budget)))


@app.command()
def fork(
    run: RunArgument,
    at: Annotated[str, typer.Option("--at", help="The step from which on to run again: 005-write, 5 or write.")],
    model: ModelOption = None,
    changes: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE of the state (JSON or text).")] = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Run a finished run again from a step on, with another model or state; what came before is shared."""
    values = {key: parsed(value) for key, value in parse_pairs(changes, "--set").items()}
    models = parse_models(model)
    finish(
        project, json, lambda engine: engine.fork(run, at=at, models=models, changes=values, limits=limits_of(budget))
    )


@app.command()
def replay(run: RunArgument = "last", project: ProjectOption = None, json: JsonOption = False) -> None:
    """Run it again from its journal, without a model, and compare the events. Exit code 1 when they differ."""
    from agentflow.cli.session import opened
    from agentflow.runs.replay import replay as play

    async def again() -> "Replay":
        async with opened(project) as engine:
            return await play(engine, run)

    found = asyncio.run(again())
    if json:
        print_json({"run": found.run, "identical": found.identical, "events": len(found.recorded),
                    "status": found.status, "differences": found.differences()})  # fmt: skip
    elif found.identical:
        say(f"identical: {len(found.recorded)} events, the same output, no model asked")
    else:
        say("\n".join(found.differences()) or "the traces are the same, the outputs differ")
    raise typer.Exit(0 if found.identical else 1)


@app.command()
def pause(run: RunArgument = "last", project: ProjectOption = None) -> None:
    """Ask a running run to stop where it is. Its process unloads the models and keeps the state."""
    _ask(run, "pause", project)


@app.command()
def cancel(run: RunArgument = "last", project: ProjectOption = None) -> None:
    """End a run for good."""
    _ask(run, "cancel", project)


def finish(project: Path | None, json: bool, work: "Callable[[Engine], Awaitable[Outcome]]") -> None:
    """Runs `work` drawn live, prints its outcome, and exits with its code."""
    from agentflow.cli.live import LiveView
    from agentflow.cli.runs_view import show_outcome
    from agentflow.cli.session import exit_code, opened
    from agentflow.cli.terminal import Terminal

    view = LiveView(Terminal(stderr=True))

    async def drawn() -> "Outcome":
        async with opened(project, sink=view) as engine:
            with view:
                return await work(engine)

    outcome = asyncio.run(drawn())
    if json:
        print_json(asdict(outcome))
    else:
        show_outcome(outcome)
    raise typer.Exit(exit_code(outcome.status))


def _ask(run: str, what: str, project: Path | None) -> None:
    import time

    from agentflow.cli.runs import open_store
    from agentflow.runs.control import request_stop
    from agentflow.runs.leases import state_of
    from agentflow.status import RunStatus

    store = open_store(project)
    found = request_stop(store, run, what)
    for _ in range(50):
        if (state := state_of(store.load(found.id))) is not RunStatus.RUNNING:
            say(f"run {found.id} is {state}")
            return
        time.sleep(0.2)
    say(f"asked run {found.id} to {what}; it has not answered yet", err=True)
    raise typer.Exit(1)


def parsed(text: str | None) -> Any:
    """JSON where it is, else the text itself."""
    from json import loads

    if text is None:
        return None
    try:
        return loads(text)
    except ValueError:
        return text


def limits_of(options: list[str] | None) -> "Limits | None":
    return parse_limits(options) if options else None
