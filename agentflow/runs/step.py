"""Which step of which graph the caller runs in, as LangGraph knows it."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from langgraph.config import get_config

PUSH = "__pregel_push"  # the path of a task that a Send started: (PUSH, its place among the Sends, ...)
_entered: ContextVar[Mapping[str, str]] = ContextVar("entered")  # LangGraph's name of a step to our id


class Step(NamedTuple):
    """`id` is unique in a run and the same after a resume, in a replay and in a fork: it is made of where the step
    stands in the graph's course, not of when it ran."""

    node: str
    number: int
    id: str


def current_step() -> Step:
    """Raises RuntimeError outside a node."""
    return step_of(get_config()["metadata"])


def enter(metadata: Mapping[str, Any]) -> Step:
    """The step that begins here; those of a graph within it are named after it."""
    step, space = step_of(metadata), str(metadata["langgraph_checkpoint_ns"])
    around = {name: id for name, id in _entered.get({}).items() if space.startswith(f"{name}|")}
    _entered.set({**around, space: step.id})
    return step


def step_of(metadata: Mapping[str, Any]) -> Step:
    node, number, path = metadata["langgraph_node"], int(metadata["langgraph_step"]), metadata["langgraph_path"]
    name = f"{number:03d}-{node}" + (f".{path[1]}" if path[0] == PUSH else "")
    outer = _outer(str(metadata["langgraph_checkpoint_ns"]))
    return Step(str(node), number, f"{outer}/{name}" if outer else name)


def _outer(space: str) -> str:
    """The step around one of a graph within: LangGraph names it by its task, whose id differs in a replay. A second
    graph in the same step is told by its number."""
    entered = _entered.get({})
    task = max((name for name in entered if space.startswith(f"{name}|")), key=len, default="")
    return "/".join([entered[task], *space.removeprefix(f"{task}|").split("|")[:-1]]) if task else ""


def current_attempt() -> int:
    """Counts from 1 when LangGraph retries a node by its retry policy."""
    runtime = get_config()["configurable"].get("__pregel_runtime")
    info = getattr(runtime, "execution_info", None)
    return info.node_attempt if info else 1
