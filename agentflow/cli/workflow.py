"""`agentflow run`, `agentflow check` and `agentflow graph`: workflows from the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.filter_options import filtered
from agentflow.cli.options import (
    BudgetOption,
    DocsOption,
    JsonOption,
    ModelOption,
    ProjectOption,
    parse_limits,
    parse_models,
    print_json,
)
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.corpus.filter import Filter
    from agentflow.graph import Graph
    from agentflow.workflow.cost_bound import CostLine
    from agentflow.workflow.picture import Picture

app = typer.Typer(name="graph", help="Graphs and workflows: list, show.", no_args_is_help=True)
GraphArgument = Annotated[str, typer.Argument(metavar="GRAPH", help="A graph's name, or the path of a workflow file.")]


@filtered
def run(
    graph: GraphArgument,
    given: Annotated[
        list[str] | None, typer.Option("--input", "-i", metavar="KEY=VALUE", help="An input. Repeatable.")
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="A .json file with the inputs, or a .jsonl batch.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Runs of a batch at the same time.")] = 4,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the result goes (JSON, or JSONL of a batch).")
    ] = None,
    docs: DocsOption = None,
    where: "Filter | None" = None,
    model: ModelOption = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print every event as a line of JSON, the outcome last.")
    ] = False,
) -> None:
    """Run a workflow or graph, once or for each line of a file. Exit code: 0 done, 1 failed, 2 wrong file, 3 waits."""
    import asyncio

    from agentflow.cli.workflow_run import RunOptions, run_batch, run_once

    asked = RunOptions(docs or [], where, parse_models(model), parse_limits(budget))
    if inputs is not None and inputs.suffix == ".jsonl":
        code = asyncio.run(run_batch(project, graph, inputs, given or [], jobs, out, asked, json))
    else:
        code = asyncio.run(run_once(project, graph, inputs, given or [], out, asked, json))
    raise typer.Exit(code)


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Workflow files, or names of workflows.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the steps and what a run may cost at most.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """List every mistake in workflow files before they run. Exit code 2 when there is one."""
    from agentflow.errors import ConfigError
    from agentflow.graphs import check_file
    from agentflow.project import Project

    opened = Project.open(project)
    found: dict[str, list[dict[str, Any]]] = {}
    for name in files:
        path = _path(opened, name)
        try:
            found[str(path)] = [problem.to_json() for problem in check_file(opened, path)]
        except ConfigError as error:
            line, column, message = _placed(error.message)
            found[str(path)] = [
                {"line": line, "column": column, "level": "error", "message": message, "hint": error.hint}
            ]
    wrong = any(problem["level"] == "error" for problems in found.values() for problem in problems)
    if json:
        print_json({"files": found, "plans": {} if wrong or not dry_run else _plans(opened, files)})
    else:
        for name, problems in found.items():
            _show(name, problems)
        if dry_run and not wrong:
            for name, lines in _plans(opened, files).items():
                _show_plan(name, lines)
    if wrong:
        raise typer.Exit(2)


@app.command("list")
def list_graphs(project: ProjectOption = None, json: JsonOption = False) -> None:
    """List the graphs and workflows, the project's before those that ship."""
    from agentflow.project import Project

    opened = Project.open(project)
    rows = [
        {"name": name, "description": _description(path), "file": str(path)}
        for name, path in sorted(opened.names("graphs").items())
    ]
    if json:
        print_json(rows)
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        say(f"{row['name']:<{width}}  {row['description']}")


@app.command()
def show(
    graph: GraphArgument,
    format: Annotated[str, typer.Option("--format", "-f", help="text, mermaid or svg.")] = "text",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the drawing to a file.")] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a graph, with its inputs, roles and tools."""
    from agentflow.errors import AgentflowError
    from agentflow.project import Project
    from agentflow.workflow.draw import as_mermaid, as_svg, as_text

    draws = {"text": as_text, "mermaid": as_mermaid, "svg": as_svg}
    if format not in draws:
        raise AgentflowError(f"no format named '{format}'", f"known: {', '.join(draws)}")
    opened = Project.open(project)
    loaded, picture = _picture(opened, graph)
    if json:
        print_json({
            "name": loaded.name, "description": loaded.description, "file": str(loaded.source), "sha256": loaded.sha256,
            "inputs": loaded.inputs.model_json_schema(), "roles": loaded.roles, "tools": loaded.tools,
            "mermaid": as_mermaid(picture),
        })  # fmt: skip
        return
    drawing = draws[format](picture)
    if out:
        out.write_text(drawing, "utf-8")
        return
    say(drawing, nl=False)
    if format == "text":
        say(f"\n{loaded.description}\n{_facts(loaded)}")


def _facts(graph: "Graph") -> str:
    schema = graph.inputs.model_json_schema()
    required = set(schema.get("required", ()))
    inputs = [f"{name}{'' if name in required else '?'}" for name in schema.get("properties", {})]
    facts = {"inputs": inputs, "roles": graph.roles, "tools": graph.tools}
    return "\n".join(f"{name}: {', '.join(values) or 'none'}" for name, values in facts.items())


def _picture(project: Any, name: str) -> "tuple[Graph, Picture]":
    from agentflow.graphs import checked_workflow, load_graph
    from agentflow.workflow.picture import of_graph, of_workflow

    loaded = load_graph(project, name)
    if loaded.source.suffix == ".py":
        return loaded, of_graph(loaded)
    return loaded, of_workflow(checked_workflow(project, loaded.source))


def _path(project: Any, name: str) -> Path:
    return Path(name) if name.endswith((".yaml", ".yml")) else project.find("graphs", name)


def _description(path: Path) -> str:
    """The docstring's or the file's, without running it."""
    if path.suffix == ".py":
        import ast

        return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0]
    from agentflow.errors import ConfigError
    from agentflow.storage.yamlfile import load_yaml

    try:
        return str(load_yaml(path)[0].get("description", ""))
    except ConfigError as error:
        return f"(wrong: {error.message})"


def _placed(message: str) -> tuple[int, int, str]:
    """`path:line:column: message` apart."""
    import re

    found = re.match(r"^.*?:(\d+):(\d+): (.*)$", message, re.DOTALL)
    return (int(found[1]), int(found[2]), found[3]) if found else (1, 1, message)


def _show(name: str, problems: list[dict[str, Any]]) -> None:
    for problem in problems:
        say(f"{name}:{problem['line']}:{problem['column']}: {problem['level']}: {problem['message']}")
        if problem["hint"]:
            say(f"    {problem['hint']}")
    if not problems:
        say(f"{name}: no problem found")


def _plans(project: Any, names: list[str]) -> "dict[str, Any]":
    from dataclasses import asdict
    from functools import partial

    from agentflow.graphs import checked_workflow, workflow_below
    from agentflow.models.catalog.catalog import load_catalog
    from agentflow.workflow.cost_bound import plan, total

    catalog = load_catalog(project.models_files())

    def windows(role: str) -> int:
        return catalog.resolve(role).context

    found = {}
    for name in names:
        path = _path(project, name)
        lines: list[CostLine] = plan(checked_workflow(project, path), windows, partial(workflow_below, project))
        found[str(path)] = {"steps": [asdict(line) for line in lines], "total": asdict(total(lines))}
    return found


def _show_plan(name: str, found: dict[str, Any]) -> None:
    say(f"\n{name}: at most")
    for line in found["steps"]:
        cost = line["cost"]
        what = ", ".join(
            f"{cost[key]:,} {word}"
            for key, word in (("model_calls", "model calls"), ("tool_calls", "tool calls"), ("tokens", "tokens"))
            if cost[key]
        )
        say(f"  {line['name']:<20} {line['kind']:<8} × {line['times']:<5} {what}".rstrip())
    cost = found["total"]
    say(f"  in all: {cost['model_calls']:,} model calls, {cost['tool_calls']:,} tool calls, {cost['tokens']:,} tokens")
    for text in cost["open"]:
        say(f"  and more: {text}")
