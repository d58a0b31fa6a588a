"""Which step of which graph the caller runs in, as LangGraph knows it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from langgraph.config import get_config

PUSH = "__pregel_push"  # the path of a task that a Send started: (PUSH, its place among the Sends, ...)


class Step(NamedTuple):
    """`id` is unique in a run and the same after a resume, in a replay and in a fork: it is made of where the step
    stands in the graph's course, not of when it ran."""

    node: str
    number: int
    id: str


def current_step() -> Step:
    """Raises RuntimeError outside a node."""
    return step_of(get_config()["metadata"])


def step_of(metadata: Mapping[str, Any]) -> Step:
    node, number, path = metadata["langgraph_node"], int(metadata["langgraph_step"]), metadata["langgraph_path"]
    outer = str(metadata["langgraph_checkpoint_ns"]).split("|")[:-1]
    name = f"{number:03d}-{node}" + (f".{path[1]}" if path[0] == PUSH else "")
    # inside a subgraph the parent is named by its task, which LangGraph derives from the checkpoint
    return Step(str(node), number, "/".join([*(part.replace(":", "-")[:24] for part in outer), name]))


def current_attempt() -> int:
    """Counts from 1 when LangGraph retries a node by its retry policy."""
    runtime = get_config()["configurable"].get("__pregel_runtime")
    info = getattr(runtime, "execution_info", None)
    return info.node_attempt if info else 1
