"""`agentflow experiment "QUESTION"`: an answer from data files. `agentflow reproduce FOLDER`: the same again, byte for byte."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import (
    BudgetOption,
    DocsOption,
    JsonOption,
    ModelOption,
    ProjectOption,
    asked,
    parse_limits,
    parse_models,
    print_json,
)
from agentflow.cli.output import say, show_markdown

if TYPE_CHECKING:
    from agentflow.engine import Engine
    from agentflow.runs.outcome import Outcome

SECONDS = 300.0  # of a program that is run again


def experiment(
    question: Annotated[str, typer.Argument(help="What the data are to tell.")],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="CSV, XLSX or JSON files, or folders; default: those beneath --docs."),
    ] = None,
    docs: DocsOption = None,
    outcome: Annotated[str, typer.Option(help="The column that is asked about, where you know its name.")] = "",
    group: Annotated[str, typer.Option(help="The column that may change it.")] = "",
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="A column not to adjust for. Repeatable.")
    ] = None,
    script: Annotated[str, typer.Option(help="A Python file to run on the data instead, in the sandbox.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Let the model write such a file.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new folder for a copy of all that was made.")
    ] = None,
    model: ModelOption = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Test a question on data files: effect, interval, confounders, figures, in a folder that can be run again."""
    import asyncio
    import shutil

    from agentflow.cli.session import exit_code, read, run_live
    from agentflow.errors import AgentflowError
    from agentflow.experiments.packages import shown_packages

    shown_packages()
    if out and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AgentflowError(f"{out} is there already", "name a new folder with --out")
    named = [path.absolute() for path in data or []]
    question = asked(question)
    inputs: dict[str, Any] = {
        "question": question, "data": [str(path) for path in named], "outcome": outcome, "group": group,
        "leave_out": leave_out or [], "script": str(Path(script).absolute()) if script else "", "write": write,
    }  # fmt: skip
    limits = parse_limits(budget)

    async def start(engine: "Engine") -> "Outcome":
        await read(engine, docs or [])
        given = [*named, *([Path(script).absolute()] if script else [])]
        outside = [path for path in given if not path.is_relative_to(engine.project.root)]
        return await engine.run("experiment", inputs, limits=limits, docs=[*(docs or []), *outside])

    found = asyncio.run(run_live(project, start, models=parse_models(model)))
    if json:
        print_json({"run": found.run, "status": found.status, "message": found.message, **(found.output or {})})
    elif found.output:
        show_markdown(found.output["report"])
        if folder := found.output["folder"]:
            if out:
                shutil.copytree(folder, out, dirs_exist_ok=True)
            say(f"\nwritten to {out or folder}", err=True)
    else:
        say(f"{found.status}: {found.message}", err=True)
    raise typer.Exit(exit_code(found.status))


def reproduce(
    folder: Annotated[Path, typer.Argument(help="A folder that `agentflow experiment` wrote.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new folder for what comes out; default: none is kept.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run an experiment again in the sandbox and compare every byte. Exit code 1 when anything differs."""
    import tempfile

    from agentflow.experiments.folder import reproduce as again

    with tempfile.TemporaryDirectory(prefix="agentflow-reproduce-") as temporary:
        found = again(folder, out or Path(temporary, "folder"), SECONDS)
    if json:
        print_json(found._asdict())
    else:
        same, different = (
            (f"same       {name}" for name in found.same),
            (f"different  {name}" for name in found.different),
        )
        say("\n".join([*same, *different]))
        for line in found.packages:
            say(f"note: another version: {line}", err=True)
    raise typer.Exit(1 if found.different else 0)
