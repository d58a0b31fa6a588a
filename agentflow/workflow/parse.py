"""A workflow file as data: its keys, its nodes with their places, and the order in which they run."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import Field

from agentflow.budget import Limits
from agentflow.storage.renamed import rename
from agentflow.storage.strict import Strict
from agentflow.storage.yamlfile import KeyPath, faults, load_yaml
from agentflow.text.suggest import suggest
from agentflow.toolbox.policy import Grant
from agentflow.workflow.node_types import KINDS, Branch, Loop, Map, Node
from agentflow.workflow.problems import Problems

END = "end"
RESERVED = {
    "end",
    "inputs",
    "item",
    "index",
    "turn",
    "loop",
    "true",
    "false",
    "none",
    "null",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
}
FORMER_KEYS = {"map": {"most": "max_items"}, "loop": {"most": "max_turns"}}
RESERVED_INPUTS = {"made", "parts", "notes", "output", "status"}


class BudgetKeys(Strict):
    tokens: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, ge=1)
    calls: int | None = Field(default=None, ge=1)
    bytes: int | None = Field(default=None, ge=1)


class File(Strict):
    """The keys of a workflow file."""

    name: str = Field("", description="shown to people; by default the file's name")
    description: str = Field(min_length=1, max_length=500, description="one sentence: what it is for")
    inputs: dict[str, Any] = Field(default_factory=dict, description="what a person gives: name to type")
    roles: list[str] = Field(default_factory=list, description="the roles of models that its nodes name")
    tools: dict[str, Grant | None] = Field(default_factory=dict, description="the tools it may use, and their limits")
    budget: BudgetKeys = Field(default_factory=BudgetKeys, description="limits of one run")
    nodes: dict[str, Any] = Field(min_length=1, description="run in this order, unless edges say otherwise")
    edges: list[str] = Field(default_factory=list, description="a -> b -> c; the target `end` ends")
    output: dict[str, Any] = Field(min_length=1, description="the result (templates)")
    sufficient_if: str = Field("", description="an expression; when it is false the run ends as insufficient")
    insufficient: str = Field("", description="what a person is told then: the reason, and what to do (a template)")


@dataclass(slots=True)
class ParsedNode:
    """A node with its name, its place in the file and, for a map or a loop, the block inside it."""

    name: str
    node: Node
    where: KeyPath
    body: "NodeBlock | None" = None


@dataclass(slots=True)
class NodeBlock:
    """Nodes that run together: the whole workflow, or the inside of a map or a loop. Every path leads to `end`.
    `unread` names the nodes that are wrong themselves, with those inside them."""

    steps: dict[str, ParsedNode] = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    @property
    def entry(self) -> str:
        return next(iter(self.steps), END)

    def walk(self) -> Iterator[ParsedNode]:
        """Every step, those inside maps and loops too."""
        for step in self.steps.values():
            yield step
            if step.body:
                yield from step.body.walk()


@dataclass(slots=True)
class Workflow:
    """What a file says. Only when `problems` holds no error can it be compiled."""

    path: Path
    file: File
    block: NodeBlock
    problems: Problems
    sha256: str
    roles: set[str] = field(default_factory=set)  # of its nodes and of the graphs it runs; filled by the check
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)  # the type of each node's output; by the check
    shape: dict[str, Any] = field(default_factory=dict)  # the type of its own output; by the check

    @property
    def name(self) -> str:
        return self.file.name or self.path.stem

    @property
    def limits(self) -> Limits:
        return Limits(**self.file.budget.model_dump())


def load_workflow(path: Path) -> Workflow:
    """Reads a file. Raises ConfigError for one that is not YAML or lacks its main keys; the rest goes to `problems`."""
    data, marks = load_yaml(path)
    raw = path.read_bytes()
    problems = Problems(marks, raw.decode("utf-8-sig").splitlines())
    if isinstance(data.get("tools"), list):
        data["tools"] = dict.fromkeys((name for name in data["tools"] if isinstance(name, str)), None)
    for renamed in rename(data, {"enough": "sufficient_if"}, marks):
        problems.add(*renamed, key=True, warning=True)
    file = _read_file(data, problems)
    block = read_block(file.nodes, file.edges, problems, ("nodes",), ("edges",), set())
    return Workflow(path, file, block, problems, fingerprint(path, block))


def fingerprint(path: Path, block: NodeBlock) -> str:
    """SHA-256 of the file and of the prompt files beside it: what a run's end depends on."""
    digest = hashlib.sha256(path.read_bytes())
    for step in block.walk():
        if name := getattr(step.node, "prompt_file", ""):
            digest.update(name.encode() + b"\0")
            digest.update(file.read_bytes() if (file := path.parent / name).is_file() else b"")
    return digest.hexdigest()


def _read_file(data: dict[str, Any], problems: Problems) -> File:
    """The file's keys; those that are wrong are reported and left out, so that the rest is checked too."""
    found = faults(File, data, problems.marks)
    if isinstance(found, File):
        return found
    for fault in found:
        problems.found.append(_problem(fault))
    kept: dict[str, Any] = {"description": "?", "nodes": {}, "output": {}}
    for key, kind in {
        "description": str,
        "nodes": dict,
        "output": dict,
        "inputs": dict,
        "edges": list,
        "roles": list,
        "sufficient_if": str,
        "insufficient": str,
    }.items():
        if isinstance(data.get(key), kind):
            kept[key] = data[key]
    for key in ("edges", "roles"):
        kept[key] = [item for item in kept.get(key, []) if isinstance(item, str)]
    tools = data.get("tools")
    kept["tools"] = dict.fromkeys(tools, None) if isinstance(tools, dict) else {}
    return File.model_construct(
        **{
            **File.model_construct().__dict__,
            "name": "",
            **kept,
            "budget": BudgetKeys.model_construct(**BudgetKeys().model_dump()),
        }
    )


def _problem(fault: Any) -> Any:
    from agentflow.workflow.problems import Problem

    return Problem(fault.line, fault.column, fault.message, fault.hint)


def read_block(
    nodes: dict[str, Any], edges: list[str], problems: Problems, where: KeyPath, edges_at: KeyPath, taken: set[str]
) -> NodeBlock:
    block = NodeBlock()
    for name, data in nodes.items():
        at = (*where, name)
        if not name.isidentifier() or name in RESERVED or name.startswith("_"):
            problems.add(
                at, f"'{name}' cannot be a node's name", "use letters, digits and _; not a reserved word", key=True
            )
            continue
        if name in taken:
            problems.add(
                at, f"there is another node '{name}'", "names are unique in the file, maps and loops included", key=True
            )
            continue
        taken.add(name)
        if step := _read_step(name, data, problems, at, taken):
            block.steps[name] = step
            block.unread |= step.body.unread if step.body else set()
        else:
            block.unread |= {name, *_names_inside(data)}
    block.edges = _read_edges(block, edges, problems, edges_at, set(nodes))
    return block


def _names_inside(data: Any) -> Iterator[str]:
    nodes = data.get("nodes") if isinstance(data, dict) else None
    for name, inner in nodes.items() if isinstance(nodes, dict) else ():
        yield name
        yield from _names_inside(inner)


def _read_step(name: str, data: Any, problems: Problems, where: KeyPath, taken: set[str]) -> ParsedNode | None:
    if not isinstance(data, dict):
        problems.add(where, f"node '{name}' is not a mapping", "write `kind: llm` and its keys below the name")
        return None
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        if "kind" not in data:
            problems.add(where, f"node '{name}' has no kind", f"add kind: one of {', '.join(sorted(KINDS))}", key=True)
        else:
            problems.add((*where, "kind"), f"unknown kind of node '{kind}'", suggest(str(kind), list(KINDS)))
        return None
    for renamed in rename(data, FORMER_KEYS.get(kind, {}), problems.marks, where):
        problems.add(*renamed, key=True, warning=True)
    found = faults(KINDS[kind], data, problems.marks, where)
    if not isinstance(found, Node):
        problems.found.extend(_problem(fault) for fault in found)
        return None
    step = ParsedNode(name, found, where)
    if isinstance(found, Map | Loop):
        inner = found.edges if isinstance(found, Loop) else []
        step.body = read_block(found.nodes, inner, problems, (*where, "nodes"), (*where, "edges"), taken)
    return step


def _read_edges(
    block: NodeBlock, written: list[str], problems: Problems, where: KeyPath, declared: set[str]
) -> dict[str, list[str]]:
    """Each node's successors: those its edges say, a branch's targets, else the next node in the file."""
    names = list(block.steps)
    edges: dict[str, list[str]] = {}
    fallen: set[str] = set()  # those that go on to the next because no edge says otherwise
    for index, line in enumerate(written):
        stages = [[name.strip() for name in stage.split(",")] for stage in line.split("->")]
        if len(stages) < 2 or not all(all(stage) for stage in stages):
            problems.add((*where, index), f"'{line}' is not an edge", "write a -> b, or a -> b, c")
            continue
        for name in dict.fromkeys(name for stage in stages for name in stage):
            if name not in declared and name != END:
                problems.add((*where, index), f"unknown node '{name}'", suggest(name, [*declared, END]))
        for sources, targets in pairwise(stages):
            for source in (name for name in sources if name in block.steps):
                if isinstance(block.steps[source].node, Branch):
                    problems.add(
                        (*where, index), f"'{source}' is a branch: its cases say where it leads", "remove this edge"
                    )
                    continue
                known = [name for name in targets if name in block.steps or name == END]
                edges.setdefault(source, []).extend(name for name in known if name not in edges.get(source, []))
        if END in [name for stage in stages[:-1] for name in stage]:
            problems.add((*where, index), "nothing comes after 'end'", "end the line there")
    for position, name in enumerate(names):
        node = block.steps[name].node
        if isinstance(node, Branch):
            edges[name] = _targets(block.steps[name], node, problems, declared, block)
        elif not edges.get(name):
            edges[name] = [names[position + 1] if position + 1 < len(names) else END]
            fallen.add(name)
    for branch in (name for name in names if isinstance(block.steps[name].node, Branch)):
        for way in fallen.intersection(edges[branch]):
            if (other := edges[way][0]) in edges[branch] and other != END:
                message = f"'{way}' goes on to '{other}', the other way of the branch '{branch}'"
                hint = f"if that is meant, say so: edges: [{way} -> {other}]; if not: edges: [{way} -> end]"
                problems.add(block.steps[way].where, message, hint, key=True, warning=True)
    return edges


def _targets(step: ParsedNode, node: Branch, problems: Problems, declared: set[str], block: NodeBlock) -> list[str]:
    targets = []
    places: list[tuple[str, KeyPath]] = [
        (case.to, (*step.where, "cases", index, "to")) for index, case in enumerate(node.cases)
    ]
    for name, at in [*places, (node.otherwise, (*step.where, "otherwise"))]:
        if name not in declared and name != END:
            problems.add(at, f"unknown node '{name}'", suggest(name, [*declared, END]))
        elif name in block.steps or name == END:
            targets.append(name)
    return list(dict.fromkeys(targets))
