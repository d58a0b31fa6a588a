"""`agentflow ask RUN "QUESTION"`: a follow-up question behind a finished research run."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import (
    BudgetOption,
    JsonOption,
    ModelOption,
    ProjectOption,
    ReportOption,
    parse_limits,
    parse_models,
)
from agentflow.cli.runs import RunArgument

if TYPE_CHECKING:
    from agentflow.runs.outcome import Outcome


def ask(
    run: RunArgument,
    question: Annotated[str, typer.Argument(help="What else to find out: `and who may read it?`")],
    model: ModelOption = None,
    out: ReportOption = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Ask a further question about a report, on the same documents, as a run of its own."""
    from agentflow.cli.research import report
    from agentflow.cli.session import run_live

    limits, models = parse_limits(budget), parse_models(model)

    async def follow_up(question: str) -> "Outcome":
        return await run_live(project, lambda engine: engine.follow_up(run, question, limits=limits), models=models)

    report(question, follow_up, out, project, json=json)
