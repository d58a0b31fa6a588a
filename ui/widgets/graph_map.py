"""A graph drawn in a few lines of text: ranks from left to right, siblings below each other, loops as arcs beneath."""

from collections.abc import Mapping
from typing import NamedTuple

from textual.content import Content

from ..backend import Shape
from ..state import RunState
from ..themes import sign
from .label import InertLabel

GAPS = (" ── ", "──", "─")


class NodeState(NamedTuple):
    """`active` of `times` executions are under way."""

    state: str = "waiting"
    times: int = 0
    active: int = 0


class GraphMap(InertLabel):
    """Draws a shape with the state of its nodes; without a shape, the nodes seen so far."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shape = Shape()
        self.states: Mapping[str, NodeState] = {}

    def show(self, shape: Shape, states: Mapping[str, NodeState]) -> None:
        if (shape, states) != (self.shape, self.states):
            self.shape, self.states = shape, states
            self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        seen = Shape(tuple(self.states), tuple(zip(tuple(self.states), tuple(self.states)[1:], strict=False)))
        self.say(drawn(self.shape if self.shape.nodes else seen, self.states, max(20, self.size.width)))


def node_states(view: RunState) -> dict[str, NodeState]:
    """What a run has made of each node so far."""
    states: dict[str, NodeState] = {}
    for step in view.steps.values():
        old = states.get(step.node, NodeState())
        active = old.active + (step.state == "active")
        worst = "failed" if "failed" in (old.state, step.state) else "done"
        states[step.node] = NodeState("active" if active else worst, old.times + 1, active)
    return states


def ranks(shape: Shape) -> list[list[str]]:
    """Nodes by the longest way from a start; an edge to an earlier node is a loop and does not count."""
    order = {node: at for at, node in enumerate(shape.nodes)}
    rank = dict.fromkeys(shape.nodes, 0)
    for node in shape.nodes:
        for source, target in shape.edges:
            if target == node and source in order and order[source] < order[node]:
                rank[node] = max(rank[node], rank[source] + 1)
    return [[node for node in shape.nodes if rank[node] == at] for at in range(max(rank.values(), default=-1) + 1)]


def loops(shape: Shape) -> list[tuple[str, str]]:
    order = {node: at for at, node in enumerate(shape.nodes)}
    return [(a, b) for a, b in shape.edges if a in order and b in order and order[b] <= order[a]]


def drawn(shape: Shape, states: Mapping[str, NodeState], width: int) -> Content:
    """The widest spacing that fits; a graph too wide for one line is folded."""
    columns = ranks(shape)
    cells = [[_cell(node, states.get(node, NodeState())) for node in column] for column in columns]
    sizes = [max(cell.cell_length for cell in column) for column in cells]
    gap = next((gap for gap in GAPS if sum(sizes) + len(gap) * (len(sizes) - 1) <= width), None)
    if gap is None:
        return _folded([cell for column in cells for cell in column], width)
    lines = [_line(cells, sizes, gap, lane) for lane in range(max((len(column) for column in cells), default=0))]
    starts = [sum(sizes[:at]) + len(gap) * at for at in range(len(sizes))]
    place = {node: starts[at] + sizes[at] // 2 for at, column in enumerate(columns) for node in column}
    arcs = [_arc(place[target], place[source]) for source, target in loops(shape) if source != target]
    return Content("\n").join([*lines, *arcs])


def _cell(node: str, state: NodeState) -> Content:
    mark, style = sign(state.state)
    times = f" ×{state.times}" if state.times > 1 else ""
    name = "bold reverse $accent" if state.state == "active" else "" if state.state == "done" else style
    return Content.assemble((mark, style), " ", (node, name), (times, "$text-muted"))


def _line(cells: list[list[Content]], sizes: list[int], gap: str, lane: int) -> Content:
    """One lane; a column that has no node in it leaves room, and a branch is tied to the lane above."""
    parts: list[Content] = []
    for at, (column, size) in enumerate(zip(cells, sizes, strict=True)):
        here = lane < len(column)
        if at:
            tie = gap if here and not lane else (" ╰─ ".center(len(gap))[: len(gap)] if here else " " * len(gap))
            parts.append(Content.styled(tie, "$text-muted"))
        cell = column[lane] if here else Content("")
        joined = here and not lane and at + 1 < len(cells) and cell.cell_length < size
        rest = size - cell.cell_length
        parts.append(cell)
        parts.append(Content.styled((" " + "─" * (rest - 1)) if joined else " " * rest, "$text-muted"))
    return Content("").join(parts)


def _arc(left: int, right: int) -> Content:
    middle = "─" * max(0, right - left - 1)
    return Content.styled(
        " " * left + "╰" + middle[: len(middle) // 2] + "◂" + middle[len(middle) // 2 + 1 :] + "╯", "$text-muted"
    )


def _folded(cells: list[Content], width: int) -> Content:
    lines: list[list[Content]] = [[]]
    used = 0
    for cell in cells:
        if lines[-1] and used + cell.cell_length + 3 > width:
            lines.append([])
            used = 0
        lines[-1].append(cell)
        used += cell.cell_length + 3
    arrow = Content.styled(" ─ ", "$text-muted")
    return Content("\n").join([arrow.join(line) for line in lines])
