"""A graph to draw: boxes with a kind, arrows with a word, groups for maps and loops."""

from dataclasses import dataclass, field

from agentflow.graph import Graph
from agentflow.workflow import topology
from agentflow.workflow.node_types import Branch, Loop, Map
from agentflow.workflow.parse import END, NodeBlock, ParsedNode, Workflow

GLYPHS = {
    "llm": "●", "search": "⌕", "read": "❝", "check": "✓", "tool": "⚒", "python": "⚒", "agent": "☻", "graph": "▣",
    "map": "⇶", "loop": "↻", "branch": "◆", "vote": "≡", "approve": "?", "set": "=", "start": "○", "end": "◉", "node": "●",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """`group` is the map or loop it lies in; `detail` what tells it from others of its kind."""

    name: str
    kind: str
    detail: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """`back` leads to an earlier box: the next turn of a loop."""

    source: str
    target: str
    word: str = ""
    back: bool = False


@dataclass(slots=True)
class Picture:
    """Boxes in the order they run."""

    title: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)

    def leaving(self, name: str) -> list[Arrow]:
        return [arrow for arrow in self.arrows if arrow.source == name]

    def depth(self, box: Box) -> int:
        """How many maps and loops a box lies in."""
        groups = {item.name: item.group for item in self.boxes}
        depth, group = 0, box.group
        while group:
            depth, group = depth + 1, groups.get(group, "")
        return depth


def of_workflow(workflow: Workflow) -> Picture:
    picture = Picture(workflow.name)
    _block(picture, workflow.block, "", END)
    picture.boxes.append(Box(END, "end"))
    return picture


def _block(picture: Picture, block: NodeBlock, group: str, exit: str) -> None:
    for name in topology.order(block):
        step = block.steps[name]
        picture.boxes.append(Box(name, step.node.kind, _detail(step), group))
        targets = [exit if target == END else target for target in block.edges[name]]
        if isinstance(step.node, Branch):
            words = {case.to: f"if {case.condition}" for case in reversed(step.node.cases)}
            ways = [(target, words.get(END if target == exit else target, "otherwise")) for target in targets]
        else:
            ways = [(target, "") for target in targets]
        if step.body:
            picture.arrows.append(Arrow(name, step.body.entry, "each" if isinstance(step.node, Map) else "turn"))
            _block(picture, step.body, name, name)
        picture.arrows += [Arrow(name, target, word, back=target == group) for target, word in ways]


def _detail(step: ParsedNode) -> str:
    node = step.node
    if isinstance(node, Loop):
        return f"until {node.until}, at most {node.max_turns}"
    for key in ("role", "tool", "function", "graph", "query", "over", "question"):
        if value := getattr(node, key, ""):
            return str(value) if key != "over" else f"over {value}"
    return ""


def of_graph(graph: Graph) -> Picture:
    """Any LangGraph graph, as its own drawing describes it."""
    drawn = graph.builder.compile().get_graph()
    names = {"__start__": "start", "__end__": END}
    picture = Picture(graph.name)
    kinds = {"start": "start", END: "end"}
    order = [names.get(name, name) for name in drawn.nodes]
    picture.boxes = [Box(name, kinds.get(name, "node")) for name in order]
    for edge in drawn.edges:
        source, target = names.get(edge.source, edge.source), names.get(edge.target, edge.target)
        back = order.index(target) < order.index(source)
        picture.arrows.append(Arrow(source, target, "if" if edge.conditional else "", back))
    return picture
