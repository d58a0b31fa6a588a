"""Options that many commands share, and the two ways a command prints: for people, and one JSON object for programs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from agentflow.cli.output import json_text, say

ProjectOption = Annotated[
    Path | None, typer.Option("--project", help="The project's folder; default: the nearest one with a models.yaml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
ModelOption = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", help="A model of models.yaml for every role, or ROLE=NAME. Repeatable."),
]
BudgetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--budget",
        help="A limit: tokens=N, seconds=N, steps=N, calls=N or bytes=N; step_tokens=N and so on for each step. Repeatable.",
    ),
]
WebOption = Annotated[
    bool,
    typer.Option("--web", help="Ask the web as well, after the documents: see docs/web.md. Off without tools.yaml."),
]


def print_json(value: Any) -> None:
    say(json_text(value, indent=2))


def parse_models(options: list[str] | None) -> dict[str, str]:
    """`NAME` is every role's model, `ROLE=NAME` one role's."""
    pairs = (option.split("=", 1) if "=" in option else ("default", option) for option in options or [])
    return {role: name for role, name in pairs}


def parse_pairs(options: list[str] | None, what: str) -> dict[str, str]:
    """`key=value` options as a dict. Raises AgentflowError for one without `=`."""
    from agentflow.errors import AgentflowError

    pairs = [option.partition("=") for option in options or []]
    if wrong := next((key for key, sign, _ in pairs if not sign or not key), None):
        raise AgentflowError(f"{what} needs key=value, not '{wrong}'", "for example tokens=20000")
    return {key: value for key, _, value in pairs}
