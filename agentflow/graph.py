"""A graph that can be run: LangGraph's builder with what the engine must know before it runs."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.graph import StateGraph
from pydantic import BaseModel

from agentflow.budget import Limits
from agentflow.errors import AgentflowError
from agentflow.project import Project


@dataclass(frozen=True, slots=True)
class Graph:
    """`builder` is not compiled yet: the engine adds the checkpointer. Its context type is `agentflow.context.Context`.

    Two keys of the final state are read by the engine: `output`, a plain JSON object, and `status`
    (answered, insufficient or done). `policy` holds the limits of each tool (see agentflow/toolbox/policy.py),
    `limits` the budget of one run; a person's own limits go before these.
    """

    name: str
    description: str
    inputs: type[BaseModel]
    builder: StateGraph[Any, Any, Any, Any]
    roles: tuple[str, ...]
    tools: tuple[str, ...]
    source: Path
    sha256: str
    policy: dict[str, dict[str, Any]] = field(default_factory=dict)
    limits: Limits = Limits()


def load_graph(project: Project, name: str) -> Graph:
    """By name (graphs/NAME.py or .yaml of the project, then the bundled one) or by the path of a YAML file.

    A Python graph module has `Inputs` (a pydantic model), `ROLES`, optionally `TOOLS`, `build() -> StateGraph`, and
    its first docstring line is the description.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else project.find("graphs", name)
    if not path.is_file():
        raise AgentflowError(f"no workflow file {path}", "name a file that exists, or a graph: agentflow graph list")
    if path.suffix != ".py":
        from agentflow.workflow import compile_workflow

        return compile_workflow(project, path)
    module = project.load("graphs", name)
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
