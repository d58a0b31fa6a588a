"""Loads and checks what can be run, by name: a Python module or a YAML file of `graphs/`."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow.errors import AgentflowError, ConfigError
from agentflow.graph import Graph
from agentflow.project import Project
from agentflow.runs.run import Run

if TYPE_CHECKING:
    from agentflow.workflow.parse import Workflow
    from agentflow.workflow.problems import Problem


def load_graph(project: Project, name: str) -> Graph:
    """By name (graphs/NAME.py or .yaml of the project, then the bundled one) or by the path of a YAML file.

    A Python graph module has `Inputs` (a pydantic model), `ROLES`, optionally `TOOLS`, `build() -> StateGraph`, and
    its first docstring line is the description. Raises AgentflowError when there is none of that name, ConfigError
    for the first problem of a YAML file.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else project.find("graphs", name)
    if not path.is_file():
        raise AgentflowError(f"no workflow file {path}", "name a file that exists, or a graph: agentflow graph list")
    if path.suffix != ".py":
        from agentflow import workflow  # a Python graph needs none of it

        return workflow.compile_workflow(project, path, load_graph)
    module = project.load("graphs", name)
    if lacking := [wanted for wanted in ("Inputs", "ROLES", "build") if not hasattr(module, wanted)]:
        raise ConfigError(
            f"{path}:1:1: the graph '{name}' has no {' and no '.join(lacking)}",
            "a graph's file holds Inputs (a pydantic model), ROLES (the models' parts) and build() -> StateGraph",
        )
    return Graph(
        name=name,
        description=(module.__doc__ or "").strip().split("\n")[0],
        inputs=module.Inputs,
        builder=module.build(),
        roles=module.ROLES,
        tools=getattr(module, "TOOLS", ()),
        source=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def graph_of(project: Project, run: Run) -> Graph:
    """The run's graph as it is now. Raises AgentflowError when it is gone."""
    return load_graph(project, run.source if run.source.endswith((".yaml", ".yml")) else run.graph)


def unchanged_graph(project: Project, run: Run) -> Graph:
    """Raises AgentflowError when the run's graph is gone, or a workflow has changed since it started."""
    graph = graph_of(project, run)
    if graph.source.suffix != ".py" and graph.sha256 != run.sha256:
        raise AgentflowError(
            f"the workflow {graph.source} has changed since run {run.id} started",
            f"put it back, or go on with the new one: agentflow runs fork {run.id} --at STEP",
        )
    return graph


def check_file(project: Project, path: Path) -> "list[Problem]":
    """Every problem of a YAML file, in its order. Raises ConfigError only for what is not YAML at all."""
    return sorted(checked_workflow(project, path).problems.found)


def checked_workflow(project: Project, path: Path) -> "Workflow":
    """The workflow of a YAML file with all its problems found."""
    from agentflow import workflow

    return workflow.checked(project, path, load_graph)


def workflow_below(project: Project, above: Path, name: str) -> "Workflow | None":
    """The workflow that a `kind: graph` node of the file `above` names; None for a Python graph."""
    from agentflow.workflow.validation.call_nodes import sub_path

    path = sub_path(above, name) or project.find("graphs", name)
    return None if path.suffix == ".py" else checked_workflow(project, path)
