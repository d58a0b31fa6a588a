"""The command line: thin commands, one file a group. Heavy imports happen inside the commands."""

import os
import sys
from typing import NoReturn

import typer

from agentflow.cli import (
    api,
    ask,
    broker,
    chaos,
    corpus,
    doctor,
    enqueue,
    eval,
    experiment,
    fetch,
    knowledge,
    mcp,
    models,
    project,
    queue,
    research,
    runs,
    runs_again,
    schedule,
    serve,
    site,
    store,
    tools,
    tui,
    watch,
    worker,
    workflow,
)
from agentflow.cli.help import Commands
from agentflow.cli.output import say, tolerate_any_text
from agentflow.errors import AgentflowError, unwritable
from agentflow.version import __version__

app = typer.Typer(
    name="agentflow",
    cls=Commands,
    help="Agentic research workflows on language models that run on your own machine.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich alone would take half of the start
    callback=tui.open_ui,
    invoke_without_command=True,
)
app.command()(tui.tui)
app.command()(research.research)
app.command()(ask.ask)
app.command()(experiment.experiment)
app.command()(experiment.reproduce)
app.command()(serve.serve)
app.command()(enqueue.enqueue)
app.command()(worker.worker)
app.add_typer(queue.app, cls=Commands)
app.add_typer(api.app, cls=Commands)
app.add_typer(broker.app, cls=Commands)
app.add_typer(site.app, cls=Commands)
app.command()(corpus.ingest)
app.command()(corpus.search)
app.command()(fetch.fetch)
app.command()(watch.watch)
app.add_typer(corpus.app, cls=Commands)
app.add_typer(eval.app, cls=Commands)
app.add_typer(knowledge.app, cls=Commands)
app.add_typer(models.app, cls=Commands)
app.add_typer(runs.app, cls=Commands)
app.add_typer(schedule.app, cls=Commands)
app.add_typer(store.app, cls=Commands)
app.add_typer(chaos.app, cls=Commands)
app.command()(runs_again.resume)
app.command()(doctor.doctor)
app.command()(workflow.run)
app.command()(workflow.check)
app.command()(mcp.mcp)
app.add_typer(workflow.app, cls=Commands)
app.add_typer(tools.app, cls=Commands)
app.command()(project.init)
app.command("list")(project.list_content)


@app.command()
def version() -> None:
    """Print the version."""
    say(__version__)


def main() -> None:
    """Runs a command; an AgentflowError, or a file that cannot be used, prints two lines and sets the exit code."""
    tolerate_any_text()
    try:
        app()
    except AgentflowError as error:
        _end(error)
    except OSError as error:
        if told := unwritable(error):
            _end(told)
        raise


def _end(error: AgentflowError) -> NoReturn:
    say(f"error: {error.message}", err=True)
    if error.hint:
        say(f"hint: {error.hint}", err=True)
    if error.exit_code > 128:  # a signal: no time for an orderly end of the interpreter
        sys.stderr.flush()
        os._exit(error.exit_code)
    sys.exit(error.exit_code)
