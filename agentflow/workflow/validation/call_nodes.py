"""What is wrong with the nodes that call something: tool, python, agent and graph."""

from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.project import USER_PACKAGE
from agentflow.text.suggest import suggest
from agentflow.toolbox import Tool
from agentflow.toolbox.signature import inline
from agentflow.workflow import node_types
from agentflow.workflow.parse import ParsedNode
from agentflow.workflow.types import TEXT, TRUTH, Schema, listing, record
from agentflow.workflow.validation.arguments import fits
from agentflow.workflow.validation.infer import Names, infer_data, infer_template
from agentflow.workflow.validation.scope import Surroundings

CALLED = record({"tool": TEXT, "arguments": {}, "result": TEXT})


def of_tool(step: ParsedNode, node: node_types.ToolNode, names: Names, around: Surroundings) -> Schema:
    tool = around.allowed(node.tool, (*step.where, "tool"))
    return _call(step, tool, node.arguments, names, around)


def of_python(step: ParsedNode, node: node_types.Python, names: Names, around: Surroundings) -> Schema:
    where = (*step.where, "function")
    tool = around.tool(node.function, where, key=False)
    if tool and not str(tool.function.__module__).startswith(f"{USER_PACKAGE}."):
        message = f"'{node.function}' is not in the project's own tools folder"
        around.problems.add(where, message, "a tool that ships is called with kind: tool and named under `tools:`")
    return _call(step, tool, node.arguments, names, around)


def _call(step: ParsedNode, tool: Tool | None, arguments: dict[str, Any], names: Names, around: Surroundings) -> Schema:
    given = infer_data(arguments, names, lambda part: around.say((*step.where, "arguments", *part)))
    if tool is None:
        return {}
    fits(step, "arguments", arguments, given["properties"], tool.parameters, around.problems, f"the tool '{tool.name}'")
    return inline(tool.returns)


def of_agent(step: ParsedNode, node: node_types.Agent, names: Names, around: Surroundings) -> Schema:
    around.role(node.role, (*step.where, "role"))
    infer_template(node.goal, names, around.say((*step.where, "goal")))
    for index, tool in enumerate(node.tools):
        around.allowed(tool, (*step.where, "tools", index))
    return record({"answer": TEXT, "finished": TRUTH, "steps": listing(CALLED)})


def of_graph(step: ParsedNode, node: node_types.Sub, names: Names, around: Surroundings) -> Schema:
    given = infer_data(node.inputs, names, lambda part: around.say((*step.where, "inputs", *part)))
    where = (*step.where, "graph")
    path = sub_path(around.workflow.path, node.graph)
    known = around.project.names("graphs")
    if path is None and node.graph not in known:
        around.problems.add(where, f"no graph named '{node.graph}'", suggest(node.graph, list(known)))
        return {}
    path = path or known[node.graph]
    if path.resolve() in around.above:
        around.problems.add(where, f"'{node.graph}' would run itself", "use a loop")
        return {}
    try:
        return _sub_shape(step, node, path, given, around)
    except AgentflowError as error:
        around.problems.add(where, error.message, error.hint)
        return {}


def _sub_shape(step: ParsedNode, node: node_types.Sub, path: Path, given: Schema, around: Surroundings) -> Schema:
    shape: Schema = {}
    if path.suffix != ".py":
        below = around.check(path)
        below.problems.raise_first()
        shape = below.shape
    graph = around.load_graph(around.project, str(path) if path.suffix != ".py" else node.graph)
    around.roles |= set(graph.roles)
    for tool in graph.tools:
        around.allowed(tool, (*step.where, "graph"))
    wanted = graph.inputs.model_json_schema()
    fits(step, "inputs", node.inputs, given["properties"], wanted, around.problems, f"the graph '{node.graph}'")
    return shape


def sub_path(workflow: Path, name: str) -> Path | None:
    """A graph named by a path: relative to the workflow that names it."""
    return workflow.parent / name if name.endswith((".yaml", ".yml")) else None
