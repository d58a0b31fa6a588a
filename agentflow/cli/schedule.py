"""`agentflow schedule`: questions and workflows that are run again, and what is new since."""

from pathlib import Path
from typing import Annotated, Any

import typer

from agentflow.cli.options import (
    BudgetOption,
    DocsOption,
    JsonOption,
    ModelOption,
    ProjectOption,
    WebOption,
    parse_models,
    print_json,
)
from agentflow.cli.output import say, show_markdown

app = typer.Typer(name="schedule", help="Questions asked again: add, list, run, news, remove.", no_args_is_help=True)
IdArgument = Annotated[str, typer.Argument(help="A schedule's id, or its start.")]


@app.command()
def add(
    question: Annotated[str | None, typer.Argument(help="What to find out each time.")] = None,
    every: Annotated[
        str | None, typer.Option("--every", help="A period: 30m, 6h, 1d, 2w. The first run is at once.")
    ] = None,
    cron: Annotated[
        str | None, typer.Option("--cron", help="Minute hour day month weekday: '0 9 * * MON-FRI'.")
    ] = None,
    on_change: Annotated[bool, typer.Option("--on-change", help="When a file of --docs has changed.")] = False,
    docs: DocsOption = None,
    workflow: Annotated[
        str | None, typer.Option("--workflow", help="A graph or workflow instead of a question.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="KEY=VALUE", help="An input of the workflow. Repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file for the news, the newest on top.")] = None,
    command: Annotated[
        str | None, typer.Option("--command", help="A program that gets the news on standard input.")
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option("--webhook", help="An address of an allowed host that gets them as JSON: see tools.yaml."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help="Time zone: Europe/Berlin; default: this machine's.")
    ] = None,
    web: WebOption = False,
    model: ModelOption = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Run a question or workflow again and again. `agentflow schedule run` then does so."""
    from agentflow.cli.schedule_run import added
    from agentflow.errors import AgentflowError

    times = [("every", every), ("cron", cron), ("change", "files" if on_change else None)]
    named = [(kind, spec) for kind, spec in times if spec]
    if len(named) != 1:
        raise AgentflowError("when is it to run?", "give one of --every 1d, --cron '0 9 * * *' and --on-change")
    if bool(question) == bool(workflow):
        raise AgentflowError("what is to run?", "give a question, or --workflow NAME")
    if on_change and not docs:
        raise AgentflowError("--on-change of what?", "name the files or folders: --docs FOLDER")
    told = {"file": str(out.absolute()) if out else "", "command": command or "", "webhook": webhook or ""}
    schedule = added(
        project, question, workflow, given or [], named[0], zone, docs or [], told, parse_models(model), budget, web=web
    )
    if json:
        print_json({"id": schedule.id, "due": schedule.due})
    else:
        say(f"schedule {schedule.id}: {schedule.when}. It runs while `agentflow schedule run` does.")


@app.command("list")
def list_schedules(project: ProjectOption = None, json: JsonOption = False) -> None:
    """What is run again, and when next."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from agentflow.cli.schedule_run import opened

    with opened(project) as store:
        found = store.all()
    if json:
        from dataclasses import asdict

        print_json([asdict(item) for item in found])
        return
    if not found:
        say('nothing is scheduled: agentflow schedule add "QUESTION" --docs FOLDER --every 1d')
    for item in found:
        due = (
            datetime.fromtimestamp(item.due, ZoneInfo(item.zone)).strftime("%Y-%m-%d %H:%M")
            if item.due
            else "on change"
        )
        say(
            f"{item.id}  {item.when:<20}  next {due}  {'running' if item.active else item.last or 'never ran'}  {item.title}"
        )


@app.command()
def remove(id: IdArgument, project: ProjectOption = None) -> None:
    """Run it no more. Its earlier runs stay."""
    from agentflow.cli.schedule_run import opened

    with opened(project) as store:
        schedule = store.find(id)
        store.remove(schedule.id)
    say(f"removed {schedule.id}: {schedule.title}")


@app.command()
def news(
    id: Annotated[str | None, typer.Argument(help="A schedule's id; default: all.")] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """What was new, gone, changed or contradicted, the newest first."""
    from agentflow.cli.schedule_run import opened
    from agentflow.schedule.wording import worded

    with opened(project) as store:
        known = {item.id: item for item in store.all()}
        told = store.news(store.find(id).id if id else "")[::-1]
    if json:
        rows: list[dict[str, Any]] = [{"schedule": item.schedule, "at": item.at, **item.news} for item in told]
        print_json(rows)
        return
    for item in told:
        if item.schedule in known:
            show_markdown(worded(known[item.schedule], item.news, item.at) + "\n")
    if not told:
        say("no news yet")


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Run what is due and end: for cron and systemd.")] = False,
    project: ProjectOption = None,
) -> None:
    """Run what is due, as long as this command lives; what was missed is made up for once."""
    import asyncio

    from agentflow.cli.schedule_run import carry_on

    asyncio.run(carry_on(project, once=once))
