"""`agentflow enqueue`: a question or a workflow for a worker to carry."""

from typing import Annotated

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
from agentflow.cli.output import say
from agentflow.runs.queue import MOST_ATTEMPTS, MOST_WAITING


def enqueue(
    question: Annotated[str, typer.Argument(help="What to find out; leave it out with --workflow.")] = "",
    workflow: Annotated[str, typer.Option("--workflow", "-w", help="A workflow by name, or its YAML file.")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--input", "-i", help="KEY=VALUE of the workflow's inputs. Repeatable.")
    ] = None,
    docs: DocsOption = None,
    priority: Annotated[int, typer.Option(help="Higher runs first.")] = 0,
    after: Annotated[
        str, typer.Option(help="Not before this: seconds from now (90, 15m, 2h) or a time (2026-12-01T08:00).")
    ] = "",
    attempts: Annotated[int, typer.Option(min=1, help="Workers that may fail before it is given up.")] = MOST_ATTEMPTS,
    most: Annotated[int, typer.Option("--most-waiting", min=1, help="Refuse when so many wait.")] = MOST_WAITING,
    model: ModelOption = None,
    budget: BudgetOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Put a run into the queue; `agentflow worker` carries it."""
    import asyncio

    from agentflow.cli.workflow_run import read_inputs
    from agentflow.engine import Engine
    from agentflow.errors import AgentflowError
    from agentflow.graphs import load_graph
    from agentflow.project import Project
    from agentflow.runs.queue import Terms
    from agentflow.runs.run import Run

    if bool(question) == bool(workflow):
        raise AgentflowError("give a question, or a workflow with --workflow", 'agentflow enqueue "What is ...?"')
    question = asked(question) if question else ""
    terms = Terms(priority=priority, not_before=moment(after), attempts=attempts, most_waiting=most)

    async def put() -> Run:
        async with Engine(Project.open(project), models=parse_models(model)) as engine:
            if docs:
                await engine.ingest(docs)
            graph = workflow or "research"
            inputs = read_inputs(load_graph(engine.project, graph).inputs, given or [])
            if question:
                inputs["question"] = question
            return engine.enqueue(graph, inputs, terms=terms, limits=parse_limits(budget), docs=docs or [])

    run = asyncio.run(put())
    if json:
        print_json({"run": run.id, "status": run.status, "priority": run.priority})
    else:
        say(run.id)


def moment(text: str) -> float:
    """Unix seconds; 0 for nothing. Raises AgentflowError for what is no time."""
    import re
    import time
    from datetime import datetime

    from agentflow.errors import AgentflowError

    if not text:
        return 0.0
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text):
        return time.time() + float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise AgentflowError(f"--after: '{text}' is no time", "write 90, 15m, 2h or 2026-12-01T08:00") from None
