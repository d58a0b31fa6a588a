"""A graph that can be run: LangGraph's builder with what the engine must know before it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.graph import StateGraph
from pydantic import BaseModel, ValidationError

from agentflow.budget import Limits
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.storage.wanted import worded
from agentflow.text.words import legible


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


def legible_data(value: Any) -> Any:
    match value:
        case str():
            return legible(value)
        case dict():
            return {legible_data(name): legible_data(item) for name, item in value.items()}
        case list():
            return [legible_data(item) for item in value]
    return value


WORDED = {
    "missing": "it is not given",
    "extra_forbidden": "no such input",
    "string_too_short": "it is too short: at least {min_length} characters",
}


def checked(graph: Graph, inputs: dict[str, Any]) -> dict[str, Any]:
    """The graph's inputs with defaults, as plain JSON. Raises AgentflowError naming the first wrong one."""
    try:
        return graph.inputs.model_validate(legible_data(inputs)).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "inputs"
        known = graph.inputs.model_fields
        needed = ", ".join(name for name, field in known.items() if field.is_required())
        unknown = ", ".join(sorted(set(inputs) - set(known)))
        own = WORDED.get(first["type"])
        message = own.format(**first.get("ctx", {})) if own else worded(first)
        hint = f"its inputs: {', '.join(known)}" + (f"; needed: {needed}" if needed else "")
        raise AgentflowError(
            f"{graph.name}: {place}: {message}"
            + (f"; it has no input {unknown}" if unknown and first["type"] != "extra_forbidden" else ""),
            hint,
        ) from None
