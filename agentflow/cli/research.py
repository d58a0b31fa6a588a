"""`agentflow research "QUESTION"`: a question and a folder in, a report with exact quotes out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from agentflow.cli.options import BudgetOption, JsonOption, ModelOption, ProjectOption, parse_models, print_json

if TYPE_CHECKING:
    from agentflow.engine import Outcome
    from agentflow.research.report_schema import Report

EXIT_CODES = {"answered": 0, "insufficient": 0, "failed": 1, "cancelled": 1, "paused": 3}


def research(
    question: Annotated[str, typer.Argument(help="What to find out.")],
    docs: Annotated[
        list[Path] | None,
        typer.Option("--docs", "-d", help="Read these files or folders first, and search them alone."),
    ] = None,
    model: ModelOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write the report: .md, .html, .docx or .pdf.")
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Stop after the plan, to confirm or edit it.")] = False,
    rounds: Annotated[int, typer.Option(help="Further rounds of search when something is open.")] = 1,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Answer a question from your documents, every claim with an exact quote."""
    import asyncio

    from agentflow.cli.output import warn_early
    from agentflow.cli.running import limits_from, run_session
    from agentflow.text.words import legible

    if out:
        warn_early(out)
    question = legible(question)
    inputs = {"question": question, "approve": approve, "rounds": rounds}
    outcome = asyncio.run(
        run_session(
            project, "research", inputs, docs=docs or [], models=parse_models(model), limits=limits_from(budget)
        )
    )
    hand_out(outcome, question, out, json=json)


def hand_out(outcome: "Outcome", question: str, out: Path | None, *, json: bool) -> NoReturn:
    """Writes and prints the report of a research run, and exits with its code."""
    from agentflow.cli.output import deliver, say
    from agentflow.export.formats import document, form_of
    from agentflow.research.markdown import render

    report = report_of(outcome, question)
    markdown = render(report)

    def tell() -> None:
        if json:
            print_json(report.model_dump())
        elif outcome.output:
            show(markdown)
        else:
            say(f"{outcome.status}: {outcome.message}", err=True)

    path = out or (Path(f"report-{outcome.run}.md") if outcome.output else None)
    if path:
        data = document(markdown, report.question, form_of(path.name))
        deliver(path, data, tell, kept=f"agentflow runs export {outcome.run} --out FILE")
        if not json:
            say(f"\nwritten to {path}", err=True)
    else:
        tell()
    raise typer.Exit(EXIT_CODES.get(outcome.status, 1))


def report_of(outcome: "Outcome", question: str) -> "Report":
    """The published contract, also for a run that ended before its report."""
    from agentflow.research.markdown import assemble
    from agentflow.research.report_schema import Findings

    nothing = Findings(
        question=question, answer="", plan=[], claims=[], evidence=[], conflicts=[], not_found=[], support_rate=0.0, notes=[]
    )  # fmt: skip
    findings = Findings.model_validate(outcome.output) if outcome.output else nothing
    status = "failed" if outcome.status == "cancelled" else outcome.status
    return assemble(
        findings, run=outcome.run, status=status, usage=outcome.usage, seconds=outcome.seconds, model=outcome.model,
        message=outcome.message,
    )  # fmt: skip


def show(markdown: str) -> None:
    from rich.markdown import Markdown

    from agentflow.cli.output import say
    from agentflow.cli.terminal import Terminal

    console = Terminal()
    if console.is_terminal:
        console.print(Markdown(markdown, hyperlinks=False))
    else:
        say(markdown, nl=False)
