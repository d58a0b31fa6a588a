"""Workflows in YAML: read, checked as a whole, and compiled to an ordinary LangGraph graph."""

from pathlib import Path

from agentflow.graph import Graph, LoadGraph
from agentflow.project import Project
from agentflow.workflow.validation.validate import checked

__all__ = ["checked", "compile_workflow"]


def compile_workflow(project: Project, path: Path, load_graph: LoadGraph) -> Graph:
    """`load_graph` finds the graphs that its nodes name. Raises ConfigError for the first of the file's problems."""
    from agentflow.workflow.compile import build
    from agentflow.workflow.inputs import input_model, input_schemas
    from agentflow.workflow.policy import limits_by_tool

    workflow = checked(project, path, load_graph)
    workflow.problems.raise_first()
    return Graph(
        name=workflow.name,
        description=workflow.file.description,
        inputs=input_model(input_schemas(workflow.file, workflow.problems)),
        builder=build(workflow),
        roles=tuple(sorted(workflow.roles)),
        tools=tuple(limits_by_tool(workflow)),
        source=path,
        sha256=workflow.sha256,
        policy=limits_by_tool(workflow),
        limits=workflow.limits,
    )
