"""`agentflow knowledge`: claims that earlier runs verified, and a person's word on them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.knowledge.known_claim import KnownClaim
    from agentflow.knowledge.notebook import Notebook

app = typer.Typer(
    name="knowledge",
    help="What earlier runs verified: list, show, edit, retract, restore, forget.",
    no_args_is_help=True,
)
IdArgument = Annotated[str, typer.Argument(help="A claim's id, or its start.")]


@contextmanager
def opened(project: Path | None) -> "Iterator[Notebook]":
    from agentflow.knowledge.notebook import Notebook
    from agentflow.project import Project

    with closing(Notebook(Project.open(project))) as notebook:
        yield notebook


@app.command("list")
def list_claims(
    words: Annotated[list[str] | None, typer.Argument(help="Only claims with these words.")] = None,
    run: Annotated[str | None, typer.Option("--run", help="Only those of this run, in its report's order.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that count no more, with the reason.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """What is known, the pinned first, then the newest; each quote is looked up again in its document."""
    with opened(project) as notebook:
        claims = notebook.claims(" ".join(words or []), run or "")
        wrong = notebook.faults(claims)
    shown = [claim for claim in claims if every or claim.id not in wrong]
    if json:
        print_json([_claim_fields(claim, wrong.get(claim.id, "")) for claim in shown])
        return
    for claim in shown:
        say(_line(claim, wrong.get(claim.id, "")))
    if not shown and (words or run):
        say("no known claim has these words, or is of this run: agentflow knowledge list")
    elif not shown:
        say("nothing is known: answered questions make it so, but not with claims on which documents disagree")
    if left := len(claims) - len(shown):
        say(f"{left} that count no more: agentflow knowledge list --all")


@app.command()
def show(id: IdArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """A claim with its quotes, where it comes from, and whether it still counts."""
    with opened(project) as notebook:
        claim = notebook.find(id)
        wrong = notebook.faults([claim]).get(claim.id, "")
    if json:
        print_json(_claim_fields(claim, wrong))
        return
    say(_line(claim, wrong))
    say(f"  asked: {claim.question}\n  by run {claim.run} on {claim.day}")
    for quote in claim.quotes:
        say(f"  {quote.place} (sha256 {quote.sha256[:12]})\n    {quote.quote}")


@app.command()
def edit(
    id: IdArgument,
    correct: Annotated[
        str | None, typer.Option("--correct", help="What is right instead; empty takes a correction back.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="A remark beside it; empty takes it back.")] = None,
    pin: Annotated[
        bool | None, typer.Option("--pin/--unpin", help="Let runs of other questions read it again as well.")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Correct, annotate or pin a claim. Later reports on its quotes tell so."""
    from agentflow.errors import AgentflowError

    said = {
        name: value for name, value in (("correction", correct), ("note", note), ("pinned", pin)) if value is not None
    }
    if not said:
        raise AgentflowError("what is to be said of it?", "give one of --correct, --note, --pin and --unpin")
    with opened(project) as notebook:
        say(_line(notebook.say(id, **said), ""))


@app.command()
def retract(
    id: IdArgument,
    because: Annotated[str, typer.Option("--because", help="Why, for whoever reads it later.")] = "it is wrong",
    project: ProjectOption = None,
) -> None:
    """Let a claim count no more. A later run that finds the same quote tells that you did."""
    with opened(project) as notebook:
        claim = notebook.say(id, retracted=because)
        say(_line(claim, notebook.faults([claim])[claim.id]))


@app.command()
def restore(id: IdArgument, project: ProjectOption = None) -> None:
    """Let a retracted claim count again, while its documents are what they were."""
    with opened(project) as notebook:
        claim = notebook.say(id, retracted="")
        say(_line(claim, notebook.faults([claim]).get(claim.id, "")))


@app.command()
def forget(id: IdArgument, project: ProjectOption = None) -> None:
    """Delete a claim and all that was said of it."""
    with opened(project) as notebook:
        notebook.forget(id)
    say("forgotten; the run's report still holds it: agentflow runs gc")


def _line(claim: "KnownClaim", fault: str) -> str:
    told = [
        "pinned" if claim.pinned else "",
        f"corrected: {claim.correction}" if claim.correction else "",
        f"note: {claim.note}" if claim.note else "",
        f"counts no more: {fault}" if fault else "",
    ]
    about = "; ".join(part for part in told if part)
    return f"{claim.id}  {claim.day}  {' '.join(claim.text.split())}{f'  ({about})' if about else ''}"


def _claim_fields(claim: "KnownClaim", fault: str) -> dict[str, Any]:
    return {**claim.to_json(), "stands": not fault, "fault": fault}
