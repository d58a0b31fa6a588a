"""`agentflow tui`, and `agentflow` alone: the terminal UI."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from agentflow.cli.options import ProjectOption
from agentflow.cli.output import say
from agentflow.version import __version__


def print_version(wanted: bool) -> None:
    if wanted:
        say(__version__)
        raise typer.Exit


def open_ui(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Agentic research workflows on language models that run on your own machine."""
    if context.invoked_subcommand is None:
        start(None, "")


def tui(
    run: Annotated[str, typer.Option("--run", help="Open this run.")] = "",
    web: Annotated[bool, typer.Option("--web", help="Serve it to a browser on this machine.")] = False,
    port: Annotated[int, typer.Option(help="Port for --web.")] = 8300,
    project: ProjectOption = None,
) -> None:
    """Open the terminal UI."""
    if web:
        from agentflow.cli.web import serve

        serve(project, port)
    else:
        start(project, run)


def start(project: Path | None, run: str) -> None:
    import_module("agentflow.bundled.ui.app").main(project, run=run)
