"""`agentflow eval list|data|history|export`: what there is to run, where its data comes from, what was run."""

from pathlib import Path
from typing import Annotated

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say


def list_suites(project: ProjectOption = None, json: JsonOption = False) -> None:
    """List the suites, and whether their data is in place."""
    from rich.table import Table

    from agentflow.cli.terminal import Terminal
    from agentflow.evaluation.suite import load_suite, suite_names
    from agentflow.project import Project

    opened = Project.open(project)
    suites = [load_suite(opened, name) for name in sorted(suite_names(opened))]
    if json:
        print_json([{"name": s.name, "path": str(s.path), "targets": list(s.suite.targets), "primary": s.suite.primary,
                     "description": s.suite.description} for s in suites])  # fmt: skip
        return
    table = Table("suite", "targets", "primary", "description", box=None)
    for item in suites:
        table.add_row(item.name, ", ".join(item.suite.targets), item.suite.primary, item.suite.description)
    Terminal().print(table)


def data(
    root: Annotated[
        Path | None, typer.Option("--data", help="Folder of the public sets; default: $AGENTFLOW_DATA.")
    ] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """List the data sets of the suites: source, licence, where to put them, and whether they are there."""
    from agentflow.evaluation.suite import find_cases, load_suite, suite_names
    from agentflow.project import Project

    opened = Project.open(project)
    rows = []
    for name in sorted(suite_names(opened)):
        loaded = load_suite(opened, name)
        cases, place = loaded.suite.cases, find_cases(loaded, root)
        rows.append({"suite": name, "path": cases.path, "in_place": place is not None, "found": str(place or ""),
                     "source": cases.source, "licence": cases.licence, "get": cases.get})  # fmt: skip
    if json:
        print_json(rows)
        return
    for row in rows:
        state = f"in place: {row['found']}" if row["in_place"] else "not in place: the sample that ships is used"
        say(f"{row['suite']}: {row['path']} ({state})\n  source: {row['source']}\n  licence: {row['licence']}")
        if row["get"]:
            say(f"  put in place: {row['get']}")


def history(
    suite: Annotated[str, typer.Argument(help="Only this suite.")] = "",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """List the evaluations of this project, oldest first."""
    from rich.table import Table

    from agentflow.cli.terminal import Terminal
    from agentflow.evaluation.evaluation import history as evaluations
    from agentflow.evaluation.summary import summarise
    from agentflow.evaluation.tables import as_json, cell
    from agentflow.project import Project

    found = [(evaluation, summarise(evaluation)) for evaluation in evaluations(Project.open(project), suite)]
    if json:
        print_json([as_json(*item) for item in found])
        return
    table = Table("evaluation", "begun", "variant", "cases", "metric", "value", box=None)
    for evaluation, summary in found:
        for row in summary.rows:
            value = cell(evaluation.primary, row.estimates[evaluation.primary])
            state = "" if evaluation.finished else " (unfinished)"
            about = (evaluation.id + state, evaluation.created[:16], row.variant, str(evaluation.cases))
            table.add_row(*about, evaluation.primary, value)
    Terminal().print(table)


def export(
    name: Annotated[str, typer.Argument(help="An evaluation: its id, a suite (its latest) or a folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the logs.")] = Path("logs"),
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Write logs in Inspect's format, one a variant: `inspect view --log-dir logs`."""
    from agentflow.evaluation.evaluation import find_evaluation
    from agentflow.evaluation.inspect_log import write_logs
    from agentflow.project import Project

    paths = write_logs(find_evaluation(Project.open(project), name), out)
    if json:
        print_json([str(path) for path in paths])
        return
    for path in paths:
        say(str(path))
