"""A graph that can be run: LangGraph's builder with what the engine must know before it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.graph import StateGraph
from pydantic import BaseModel

from agentflow.budget import Limits
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


LoadGraph = Callable[
    [Project, str], Graph
]  # agentflow.graphs.load_graph, handed down to what runs or checks other graphs
