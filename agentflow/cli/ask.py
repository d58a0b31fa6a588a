"""`agentflow ask RUN "QUESTION"`: a follow-up question behind a finished research run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import BudgetOption, JsonOption, ModelOption, ProjectOption, parse_models
from agentflow.cli.runs import RunArgument

if TYPE_CHECKING:
    from agentflow.engine import Engine, Outcome


def ask(
    run: RunArgument,
    question: Annotated[str, typer.Argument(help="What else to find out: `and who may read it?`")],
    model: ModelOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write the report: .md, .html, .docx or .pdf.")
    ] = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Ask on about a report, on the same documents: the answer is a run of its own, with its own quotes."""
    import asyncio

    from agentflow.cli.output import warn_early
    from agentflow.cli.research import hand_out
    from agentflow.cli.running import carry, limits_from
    from agentflow.text.words import legible

    if out:
        warn_early(out)
    question = legible(question)
    limits = limits_from(budget)

    async def start(engine: "Engine") -> "Outcome":
        return await engine.follow_up(run, question, limits=limits)

    hand_out(asyncio.run(carry(project, start, models=parse_models(model))), question, out, project, json=json)
