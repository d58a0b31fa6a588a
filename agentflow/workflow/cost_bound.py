"""What a run may cost at most, known from the file alone: `agentflow check --dry-run`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.research.answers.readings import READABLE
from agentflow.workflow import node_types, topology
from agentflow.workflow.parse import NodeBlock, ParsedNode, Workflow

ANSWER = 1 + READABLE  # readings of an answer: of all passages, and of each by itself where the model is unsure
Windows = Callable[[str], int]  # role to window in tokens
Below = Callable[[Path, str], Workflow | None]  # the graph that a workflow's file names; None for a Python graph


@dataclass(frozen=True, slots=True)
class Cost:
    """Model calls, tool calls and tokens (prompt and answer). `open` names what cannot be bounded."""

    model_calls: int = 0
    tool_calls: int = 0
    tokens: int = 0
    open: tuple[str, ...] = ()

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.model_calls + other.model_calls, self.tool_calls + other.tool_calls, self.tokens + other.tokens,
            tuple(dict.fromkeys([*self.open, *other.open])),
        )  # fmt: skip

    def times(self, count: int) -> "Cost":
        return Cost(self.model_calls * count, self.tool_calls * count, self.tokens * count, self.open)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One step of the plan: `times` it may run, and what all of these cost."""

    name: str
    kind: str
    times: int
    cost: Cost


def plan(workflow: Workflow, windows: Windows, below: Below) -> list[CostLine]:
    return _block(workflow, below, workflow.block, windows, 1)


def total(lines: list[CostLine]) -> Cost:
    return sum((line.cost for line in lines), Cost())


def _block(workflow: Workflow, below: Below, block: NodeBlock, windows: Windows, times: int) -> list[CostLine]:
    lines = []
    for name in topology.order(block):
        step = block.steps[name]
        lines.append(CostLine(name, step.node.kind, times, _cost(workflow, below, step, windows).times(times)))
        if step.body:
            node = step.node
            bound = node.max_turns if isinstance(node, node_types.Loop) else node.max_items  # type: ignore[attr-defined]
            most: int = workflow.shapes.get(name, {}).get("maxItems") or bound
            lines += _block(workflow, below, step.body, windows, times * most)
    return lines


def _cost(workflow: Workflow, below: Below, step: ParsedNode, windows: Windows) -> Cost:
    node: Any = step.node
    match node:
        case node_types.Llm():
            return Cost(1, 0, windows(node.role))
        case node_types.Vote():
            return Cost(node.samples, 0, node.samples * windows(node.role))
        case node_types.Agent():
            return Cost(node.steps + 2, node.steps, (node.steps + 2) * windows(node.role))
        case node_types.ToolNode() | node_types.Python():
            return Cost(0, 1)
        case node_types.Check():
            return Cost(1, 0, windows("checker"))
        case node_types.Write():
            return Cost(10, 0, windows("writer") * 2 + windows("checker") * 8)
        case node_types.Read(by="words" | "subject"):
            return Cost()
        case node_types.Read():
            return Cost(1, 0, windows("reader"))
        case node_types.Answer():
            return Cost(ANSWER, 0, windows("reader") * ANSWER)
        case node_types.Sub():
            return _sub(workflow, below, node, windows)
    if role := getattr(node, "role", ""):
        return Cost(1, 0, windows(role))
    return Cost()


def _sub(workflow: Workflow, below: Below, node: node_types.Sub, windows: Windows) -> Cost:
    named = below(workflow.path, node.graph)
    if named is None:
        return Cost(open=(f"{node.graph} plans its own steps; give the run a budget",))
    return total(plan(named, windows, below))
