"""Options that many commands share, and the two ways a command prints: for people, and one JSON object for programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agentflow.cli.output import json_text, say

if TYPE_CHECKING:
    from agentflow.budget import Limits

ProjectOption = Annotated[
    Path | None, typer.Option("--project", help="The project's folder; default: the nearest one with a models.yaml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
JsonLinesOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
OnOption = Annotated[
    Literal["here", "ray"], typer.Option("--on", help="Where the work is done: ray spreads it over its cluster.")
]
HostOption = Annotated[str, typer.Option(help="Address to listen on.")]
RemoteOption = Annotated[bool, typer.Option("--remote", help="Allow an address that other machines can reach.")]
PlainOption = Annotated[bool, typer.Option("--plain", help="Allow http there, where the network is your own.")]
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
KnowledgeOption = Annotated[
    Literal["off", "same", "related"] | None,
    typer.Option(
        "--knowledge",
        help="What to do with claims of earlier runs: off, same (question) or related; default: see docs/knowledge.md.",
    ),
]
DocsOption = Annotated[
    list[Path] | None,
    typer.Option("--docs", "-d", help="Read these files or folders first, and search them alone. Repeatable."),
]
ReportOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="Where to write the report: .md, .html, .docx, .pdf or .tex.")
]


def print_json(value: Any) -> None:
    say(json_text(value, indent=2))


def asked(question: str) -> str:
    """What was typed, as text that can be stored. Raises AgentflowError where there is no word in it."""
    from agentflow.errors import AgentflowError
    from agentflow.text.words import legible

    if not any(char.isalnum() for char in question):
        raise AgentflowError(
            f"there is no word in the question '{question}'", 'for example "How long does the lease run?"'
        )
    return legible(question)


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


def parse_limits(options: list[str] | None) -> "Limits":
    """`tokens=20000` and the like. Raises AgentflowError for an unknown resource or a value that is no number."""
    from agentflow.budget import LIMITS, Limits
    from agentflow.errors import AgentflowError

    values: dict[str, Any] = {}
    for name, text in parse_pairs(options, "--budget").items():
        if name not in LIMITS:
            raise AgentflowError(f"no budget named '{name}'", f"known: {', '.join(LIMITS)}")
        try:
            values[name] = float(text) if name.endswith("seconds") else int(text)
        except ValueError:
            raise AgentflowError(
                f"--budget {name}={text} is not a number", f"for example --budget {name}=1000"
            ) from None
    return Limits(**values)
