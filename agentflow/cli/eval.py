"""`agentflow eval`: run suites, compare, keep an eye on them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli import eval_content
from agentflow.cli.options import JsonOption, OnOption, ProjectOption, parse_models, parse_pairs, print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.evaluation.evaluation import Evaluation
    from agentflow.evaluation.layout import Choices

app = typer.Typer(name="eval", help="Measure graphs, models and settings on suites of cases.", no_args_is_help=True)
app.command("list")(eval_content.list_suites)
app.command()(eval_content.data)
app.command()(eval_content.history)
app.command()(eval_content.export)

NameArgument = Annotated[str, typer.Argument(help="An evaluation: its id (qa-3), a suite (its latest) or a folder.")]


@app.command()
def run(
    suites: Annotated[list[str], typer.Argument(help="Suites by name, or YAML files.")],
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="A model, or ROLE=NAME,ROLE=NAME. Repeat to compare.")
    ] = None,
    target: Annotated[list[str] | None, typer.Option("--target", "-t", help="Only this target. Repeatable.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="TARGET.input=a,b or graph.input=a,b.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the public sets; default: $AGENTFLOW_DATA.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The first N cases.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="N cases drawn with --seed.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
    repeats: Annotated[int | None, typer.Option(min=1, help="Runs of each case.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Cases at a time.")] = 2,
    embed: Annotated[bool, typer.Option(help="Vectors for the corpus; without, search goes by words alone.")] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of continuing an unfinished evaluation.")
    ] = False,
    on: OnOption = "here",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Run suites, or continue unfinished ones; prints a table, writes the results and an HTML report."""
    from agentflow.evaluation.layout import Choices
    from agentflow.evaluation.variants import parse_settings

    choices = Choices(
        data=data, targets=target or (), models=[parse_models(text.split(",")) for text in model or ()],
        settings=parse_settings(set_ or ()), limit=limit, sample=sample, seed=seed, repeats=repeats, jobs=jobs, embed=embed, fresh=fresh,
    )  # fmt: skip
    found = [_run(suite, choices, project, on_ray=on == "ray") for suite in suites]
    _print(found, json)


def _run(suite: str, choices: "Choices", project: Path | None, *, on_ray: bool) -> "Evaluation":
    import asyncio
    import signal

    from agentflow.cli.eval_progress import EvalProgress
    from agentflow.evaluation.evaluate import evaluate
    from agentflow.evaluation.report import write_report
    from agentflow.project import Project
    from agentflow.runs.signals import Stopped

    try:
        with EvalProgress() as progress:
            evaluation = asyncio.run(evaluate(Project.open(project), suite, choices, sink=progress, on_ray=on_ray))
    except KeyboardInterrupt:
        raise Stopped(signal.SIGINT, []) from None
    write_report(evaluation)
    return evaluation


def _print(evaluations: list["Evaluation"], json: bool) -> None:
    from agentflow.cli.terminal import Terminal
    from agentflow.evaluation.summary import summarise
    from agentflow.evaluation.tables import as_json, terminal

    summaries = [(evaluation, summarise(evaluation)) for evaluation in evaluations]
    if json:
        values = [as_json(evaluation, summary) for evaluation, summary in summaries]
        print_json(values[0] if len(values) == 1 else values)
        return
    console = Terminal()
    for evaluation, summary in summaries:
        console.print(terminal(evaluation, summary))
        console.print(f"report: {evaluation.folder / 'report.html'}", style="dim", soft_wrap=True)


@app.command()
def show(
    name: NameArgument,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a section for a document.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Print an evaluation's table and rewrite its report."""
    from agentflow.evaluation.evaluation import find_evaluation
    from agentflow.evaluation.report import write_report
    from agentflow.evaluation.summary import summarise
    from agentflow.evaluation.tables import markdown as as_markdown
    from agentflow.project import Project

    evaluation = find_evaluation(Project.open(project), name)
    if markdown:
        say(as_markdown(evaluation, summarise(evaluation)))
        return
    write_report(evaluation)
    _print([evaluation], json)


@app.command()
def rescore(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Score recorded outcomes again after a change to a scorer; nothing is run."""
    import asyncio

    from agentflow.evaluation.evaluate import rescore as score_again
    from agentflow.evaluation.evaluation import find_evaluation
    from agentflow.evaluation.report import write_report
    from agentflow.project import Project

    opened = Project.open(project)
    evaluation = asyncio.run(score_again(opened, find_evaluation(opened, name)))
    write_report(evaluation)
    _print([evaluation], json)


@app.command()
def compare(
    first: NameArgument,
    second: NameArgument,
    metric: Annotated[str, typer.Option(help="Default: the first one's primary metric.")] = "",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Paired differences of two evaluations over the cases they share: variants of the same name, or one against one."""
    from dataclasses import asdict

    from agentflow.evaluation.evaluation import find_evaluation
    from agentflow.evaluation.summary import compare_evaluations
    from agentflow.evaluation.tables import plain, sentence
    from agentflow.project import Project

    opened = Project.open(project)
    found = compare_evaluations(find_evaluation(opened, first), find_evaluation(opened, second), metric)
    if json:
        print_json([plain({**asdict(item), "verdict": item.verdict}) for item in found])
        return
    for item in found:
        say(sentence(item))


@app.command()
def gate(
    name: NameArgument,
    baseline: Annotated[Path | None, typer.Option(help="The results.jsonl of a good evaluation.")] = None,
    tolerance: Annotated[float, typer.Option(min=0, help="Tolerated drop in the primary metric.")] = 0.02,
    low: Annotated[list[str] | None, typer.Option("--min", help="METRIC=N or VARIANT.METRIC=N.")] = None,
    high: Annotated[list[str] | None, typer.Option("--max", help="METRIC=N or VARIANT.METRIC=N.")] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Exit with 1 when an evaluation is worse than a baseline, or out of bounds. For CI."""
    from agentflow.errors import AgentflowError
    from agentflow.evaluation.evaluation import find_evaluation
    from agentflow.evaluation.gate import load_baseline, regressions, shortfalls
    from agentflow.evaluation.summary import summarise
    from agentflow.project import Project

    if baseline is None and not low and not high:
        raise AgentflowError("nothing to hold the evaluation against", "give --baseline FILE, --min or --max")
    evaluation = find_evaluation(Project.open(project), name)
    rows = summarise(evaluation).rows
    faults = shortfalls(rows, _bounds(low, "--min"), _bounds(high, "--max"))
    faults += [f"{row.variant}: {row.failed} of {row.runs} runs failed" for row in rows if row.failed]
    if baseline is not None:
        faults += regressions(evaluation, load_baseline(baseline), tolerance)
    if json:
        print_json({"id": evaluation.id, "passed": not faults, "faults": faults})
    else:
        say(f"{evaluation.id}: {'passed' if not faults else 'failed'}")
        for fault in faults:
            say(f"  {fault}")
    raise typer.Exit(1 if faults else 0)


def _bounds(options: list[str] | None, name: str) -> dict[str, float]:
    from agentflow.errors import AgentflowError

    try:
        return {metric: float(bound) for metric, bound in parse_pairs(options, name).items()}
    except ValueError as error:
        raise AgentflowError(f"{name}: {error}", f"for example {name} f1=0.6") from None
