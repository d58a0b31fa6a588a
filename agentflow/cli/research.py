"""`agentflow research "QUESTION"`: a question and a folder in, a report with exact quotes out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from agentflow.cli.filter_options import (
    AuthorsOption,
    CollectionsOption,
    PathsOption,
    SinceOption,
    TagsOption,
    TypesOption,
    UntilOption,
    filter_from,
)
from agentflow.cli.options import BudgetOption, JsonOption, ModelOption, ProjectOption, parse_models, print_json

if TYPE_CHECKING:
    from agentflow.runs.outcome import Outcome

EXIT_CODES = {"answered": 0, "insufficient": 0, "failed": 1, "cancelled": 1, "paused": 3}


def research(
    question: Annotated[str, typer.Argument(help="What to find out.")],
    docs: Annotated[
        list[Path] | None,
        typer.Option("--docs", "-d", help="Read these files or folders first, and search them alone."),
    ] = None,
    path: PathsOption = None,
    type: TypesOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    tag: TagsOption = None,
    author: AuthorsOption = None,
    collection: CollectionsOption = None,
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
    where = filter_from(path, type, since, until, tag, author, collection)
    inputs = {"question": question, "approve": approve, "rounds": rounds}
    outcome = asyncio.run(
        run_session(
            project,
            "research",
            inputs,
            docs=docs or [],
            models=parse_models(model),
            limits=limits_from(budget),
            where=where,
        )
    )
    hand_out(outcome, question, out, json=json)


def hand_out(outcome: "Outcome", question: str, out: Path | None, *, json: bool) -> NoReturn:
    """Writes and prints the report of a research run, and exits with its code."""
    from agentflow.cli.output import deliver, say
    from agentflow.export.formats import document, form_of
    from agentflow.research.markdown import render
    from agentflow.research.report import research_report

    report = research_report(outcome, question)
    markdown = render(report)

    def tell() -> None:
        if json:
            print_json(report.model_dump())
        elif outcome.output:
            show(markdown)
        else:
            say(f"{outcome.status}: {outcome.message}", err=True)

    target = out or (Path(f"report-{outcome.run}.md") if outcome.output else None)
    if target:
        data = document(markdown, report.question, form_of(target.name))
        deliver(target, data, tell, kept=f"agentflow runs export {outcome.run} --out FILE")
        if not json:
            say(f"\nwritten to {target}", err=True)
    else:
        tell()
    raise typer.Exit(EXIT_CODES.get(outcome.status, 1))


def show(markdown: str) -> None:
    from rich.markdown import Markdown

    from agentflow.cli.output import say
    from agentflow.cli.terminal import Terminal

    console = Terminal()
    if console.is_terminal:
        console.print(Markdown(markdown, hyperlinks=False))
    else:
        say(markdown, nl=False)
