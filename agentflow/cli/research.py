"""`agentflow research "QUESTION"`: a question and a folder in, a report with exact quotes out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from agentflow.cli.filter_options import filtered
from agentflow.cli.options import (
    BudgetOption,
    DocsOption,
    JsonOption,
    KnowledgeOption,
    ModelOption,
    ProjectOption,
    ReportOption,
    WebOption,
    asked,
    parse_limits,
    parse_models,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from agentflow.corpus.filter import Filter
    from agentflow.runs.outcome import Outcome


@filtered
def research(
    question: Annotated[str, typer.Argument(help="What to find out.")],
    docs: DocsOption = None,
    where: "Filter | None" = None,
    model: ModelOption = None,
    out: ReportOption = None,
    depth: Annotated[
        Literal["quick", "normal", "deep"],
        typer.Option(help="quick: one search, one answer; deep: planned by the model; normal: as far as it needs."),
    ] = "normal",
    approve: Annotated[bool, typer.Option("--approve", help="Stop after the plan, to confirm or edit it.")] = False,
    rounds: Annotated[int, typer.Option(min=0, max=5, help="Further rounds of search when something is open.")] = 1,
    web: WebOption = False,
    knowledge: KnowledgeOption = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Answer a question from your documents, every claim with an exact quote."""
    from agentflow.cli.session import run_session

    limits, models = parse_limits(budget), parse_models(model)

    async def run(question: str) -> "Outcome":
        inputs = {
            "question": question, "depth": depth, "approve": approve, "rounds": rounds, "web": web, "knowledge": knowledge or "",
        }  # fmt: skip
        return await run_session(
            project, "research", inputs, docs=docs or [], models=models, limits=limits, where=where
        )

    report(question, run, out, project, json=json)


def report(
    question: str, run: "Callable[[str], Coroutine[Any, Any, Outcome]]", out: Path | None, project: Path | None,
    *, json: bool,
) -> NoReturn:  # fmt: skip
    """Runs a question that someone typed and hands out its report."""
    import asyncio

    from agentflow.cli.output import warn_early
    from agentflow.export.formats import form_for

    if out:
        form_for(out.name)
        warn_early(out)
    question = asked(question)
    hand_out(asyncio.run(run(question)), question, out, project, json=json)


def hand_out(outcome: "Outcome", question: str, out: Path | None, project: Path | None, *, json: bool) -> NoReturn:
    """Writes and prints the report of a research run, and exits with its code."""
    from agentflow.cli.output import deliver, say, show_markdown
    from agentflow.cli.session import exit_code
    from agentflow.export.formats import form_for, report_file
    from agentflow.project import Project
    from agentflow.research.report.markdown import render
    from agentflow.research.report.of_run import research_report

    found = research_report(outcome, question)
    markdown = render(found)

    def tell() -> None:
        if json:
            print_json(found.model_dump())
        elif outcome.output:
            show_markdown(markdown)
        else:
            say(f"{outcome.status}: {outcome.message}", err=True)

    target = out or (Path(f"report-{outcome.run}.md") if outcome.output else None)
    if target:
        own = Project.open(project)
        data = report_file(found, form_for(target.name), own.database)
        deliver(target, data, tell, state=own.state, kept=f"agentflow runs export {outcome.run} --out FILE")
        if not json:
            say(f"\nwritten to {target}", err=True)
    else:
        tell()
    raise typer.Exit(exit_code(outcome.status))
