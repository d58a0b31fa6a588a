"""Workflows in YAML: read, checked as a whole, and compiled to an ordinary LangGraph graph."""

from pathlib import Path
from typing import Any

from agentflow.graph import Graph, LoadGraph
from agentflow.project import Project
from agentflow.workflow.node_types import Python
from agentflow.workflow.parse import Workflow
from agentflow.workflow.validation.validate import checked

__all__ = ["checked", "compile_workflow"]


def compile_workflow(project: Project, path: Path, load_graph: LoadGraph) -> Graph:
    """`load_graph` finds the graphs that its nodes name. Raises ConfigError for the first of the file's problems."""
    from agentflow.workflow.compile import build
    from agentflow.workflow.inputs import input_model, input_schemas

    workflow = checked(project, path, load_graph)
    workflow.problems.raise_first()
    policy = _limits_by_tool(workflow)
    return Graph(
        name=workflow.name,
        description=workflow.file.description,
        inputs=input_model(input_schemas(workflow.file, workflow.problems)),
        builder=build(workflow),
        roles=tuple(sorted(workflow.roles)),
        tools=tuple(policy),
        source=path,
        sha256=workflow.sha256,
        policy=policy,
        limits=workflow.limits,
    )


def _limits_by_tool(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """Tool to limits. A function named by a python node is granted by being named."""
    granted = {name: grant.model_dump() if grant else {} for name, grant in workflow.file.tools.items()}
    for step in workflow.block.walk():
        if isinstance(step.node, Python):
            granted.setdefault(step.node.function, {})
    return granted
