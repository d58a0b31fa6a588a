"""`agentflow tui`, and `agentflow` alone: the terminal UI."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from agentflow.cli.options import ProjectOption


def open_ui(context: typer.Context) -> None:
    """Agentic research workflows on language models that run on your own machine."""
    if context.invoked_subcommand is None:
        start(None, "")


def tui(
    run: Annotated[str, typer.Option("--run", help="Open this run.")] = "",
    web: Annotated[bool, typer.Option("--web", help="Serve it to a browser on this machine.")] = False,
    port: Annotated[int, typer.Option(help="Of --web.")] = 8300,
    project: ProjectOption = None,
) -> None:
    """Open the terminal UI: ask, watch, check what is said."""
    serve(project, port) if web else start(project, run)


def start(project: Path | None, run: str) -> None:
    import_module("agentflow.bundled.ui.app").main(project, run=run)


def serve(project: Path | None, port: int) -> None:
    """The same app through textual-serve, on loopback only."""
    import shlex
    import sys

    from agentflow.errors import AgentflowError

    try:
        from textual_serve.server import Server
    except ImportError:
        raise AgentflowError("the browser view needs textual-serve", "pip install 'agentflow[web]'") from None
    command = [sys.executable, "-m", "agentflow", "tui", *(["--project", str(project)] if project else [])]
    Server(shlex.join(command), host="127.0.0.1", port=port, title="agentflow").serve()
