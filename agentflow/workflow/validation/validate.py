"""Everything that can be known to be wrong with a workflow before it runs, all at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

from agentflow.graph import LoadGraph
from agentflow.project import Project
from agentflow.workflow import topology
from agentflow.workflow.inputs import input_schemas
from agentflow.workflow.node_types import NOT_IN_A_MAP, Branch, Loop, Map
from agentflow.workflow.parse import END, NodeBlock, ParsedNode, Workflow, load_workflow
from agentflow.workflow.types import COUNT, TEXT, TRUTH, Schema, in_words, listing, record
from agentflow.workflow.validation.infer import Names, Say, infer, infer_data, infer_template
from agentflow.workflow.validation.nodes import shape_of
from agentflow.workflow.validation.scope import Surroundings


def checked(project: Project, path: Path, load_graph: LoadGraph, above: tuple[Path, ...] = ()) -> Workflow:
    """The workflow with all its problems found. `above` are the workflows that run this one."""
    workflow = load_workflow(path)
    inside = (*above, path.resolve())
    scope = Surroundings(
        project, workflow, inside, load_graph, check=lambda below: checked(project, below, load_graph, inside)
    )
    Checker(workflow, scope).check()
    return workflow


class Checker:
    def __init__(self, workflow: Workflow, surroundings: Surroundings) -> None:
        self.workflow = workflow
        self.problems = workflow.problems
        self.surroundings = surroundings
        self.shapes = workflow.shapes

    def check(self) -> None:
        file = self.workflow.file
        inputs = record(input_schemas(file, self.problems))
        self.surroundings.check_tools()
        everything = {step.name for step in self.workflow.block.walk()}
        wrong: dict[str, Schema] = {
            name: {} for name in self.workflow.block.unread
        }  # told already: they yield anything
        names = self.block(self.workflow.block, Names({"inputs": inputs, **wrong}), everything)
        output = {key: infer_data(value, names, self.parts("output", key)) for key, value in file.output.items()}
        self.workflow.shape = record({"notes": listing(TEXT), **output})
        if file.sufficient_if:
            infer(file.sufficient_if, names, self.say(("sufficient_if",)))
        infer_template(file.insufficient, names, self.say(("insufficient",)))
        self.unused_roles()

    def say(self, where: tuple[str | int, ...]) -> Say:
        return lambda message, hint, line: self.problems.add(where, message, hint, inside=line)

    def parts(self, *where: str | int) -> Callable[[tuple[str | int, ...]], Say]:
        """How to report about a part of what stands at `where`."""
        return lambda part: self.say((*where, *part))

    def block(self, block: NodeBlock, outer: Names, everything: set[str]) -> Names:
        """Checks a block's nodes in the order they run; returns the names that are there at its end."""
        if ring := topology.cycle(block):
            step = block.steps[ring[-2]]
            hint = "put these nodes into a loop, which has a bound: kind: loop, until, max_turns"
            self.problems.add(step.where, f"a cycle without a bound: {' -> '.join(ring)}", hint, key=True)
            return self.unordered(block, list(block.steps.values()), outer, everything)
        alive = topology.reachable(block)
        dead = [step for step in block.steps.values() if step.name not in alive]
        for step in dead if not block.unread else ():
            self.problems.add(
                step.where, f"no path leads to '{step.name}'", "add an edge to it, or remove it", key=True
            )
        if dead:
            outer = self.unordered(block, dead, outer, everything)
        if meeting := topology.tangled(block):
            fork, name = meeting
            where = block.steps[fork].where
            hint = "put the branch before the fork, or into a map or a loop"
            self.problems.add(
                where, f"the paths after '{fork}' do not all reach '{name}': it might wait for ever", hint, key=True
            )
        ran = topology.before(block)
        for name in topology.order(block):
            step = block.steps[name]
            self.step(step, self.names(step, outer, ran[name], everything), everything)
        return self.names(None, outer, ran[END], everything)

    def unordered(self, block: NodeBlock, steps: Sequence[ParsedNode], outer: Names, everything: set[str]) -> Names:
        """Checks nodes of which nobody knows when they run, so that every other may have; the names with theirs."""
        for step in steps:
            self.step(step, outer.with_names(**{inner.name: {} for inner in block.walk()}), everything)
        return outer.with_names(**{step.name: {} for step in steps})

    def names(
        self, step: ParsedNode | None, outer: Names, ran: tuple[set[str], set[str]], everything: set[str]
    ) -> Names:
        certain, perhaps = ran
        made = {**outer.made, **{name: self.shapes.get(name, {}) for name in self.visible(certain)}}
        maybe = {**outer.maybe, **{name: self.shapes.get(name, {}) for name in self.visible(perhaps - certain)}}
        maybe = {name: shape for name, shape in maybe.items() if name not in made}
        own = "a node cannot use its own output; in a loop, the next turn can"
        later = {name: f"'{name}' runs later, on another path or inside another node" for name in everything}
        return Names(made, maybe, {**later, **({step.name: own} if step else {})})

    def visible(self, names: set[str]) -> set[str]:
        """The nodes inside a loop are seen after it; those inside a map only in its list."""
        steps = {step.name: step for step in self.workflow.block.walk()}
        found = set(names)
        for name in names:
            body = steps[name].body
            if body and isinstance(steps[name].node, Loop):
                found |= self.visible(topology.before(body)[END][0]) if not topology.cycle(body) else set()
        return found

    def step(self, step: ParsedNode, names: Names, everything: set[str]) -> None:
        if isinstance(step.node, Map) and step.body:
            self.map(step, step.node, step.body, names, everything)
        elif isinstance(step.node, Loop) and step.body:
            self.loop(step, step.node, step.body, names, everything)
        else:
            if isinstance(step.node, Branch):
                for index, case in enumerate(step.node.cases):
                    self.condition(case.condition, names, (*step.where, "cases", index, "if"))
            self.shapes[step.name] = shape_of(step, names, self.surroundings)

    def map(self, step: ParsedNode, node: Map, body: NodeBlock, names: Names, everything: set[str]) -> None:
        items = infer(node.over, names, self.say((*step.where, "over")))
        if items and items.get("type") != "array":
            self.problems.add((*step.where, "over"), f"a map needs a list, found {in_words(items)}", "name a list")
        for inner in body.steps.values():
            if inner.node.kind in NOT_IN_A_MAP:
                hint = "call a workflow of its own with kind: graph"
                self.problems.add(inner.where, f"a map cannot hold a {inner.node.kind}", hint, key=True)
        if node.item in everything or node.item in names.made:
            self.problems.add((*step.where, "item"), f"the name '{node.item}' is taken", "choose another")
        of_item = names.with_names(**{node.item: items.get("items") or {}, "index": COUNT})
        infer_data(node.label, of_item, lambda part: self.say((*step.where, "label")))
        inside = self.block(body, of_item, everything)
        if node.collect is not None:
            result = infer_data(node.collect, inside, lambda part: self.say((*step.where, "collect", *part)))
        else:
            result = self.shapes.get(next(reversed(body.steps), ""), {})
        self.shapes[step.name] = {
            "type": "array",
            "items": result,
            "maxItems": min(node.max_items, items.get("maxItems", node.max_items)),
        }

    def loop(self, step: ParsedNode, node: Loop, body: NodeBlock, names: Names, everything: set[str]) -> None:
        """Inside, what a later node made in the turn before may be there: none in the first turn."""
        own = {inner.name for inner in body.walk()}
        inside = names.with_names(turn=COUNT)
        probe = len(self.problems.found)
        known = self.block(body, Names({**inside.made}, {**inside.maybe, **{name: {} for name in own}}), everything)
        del self.problems.found[probe:]
        previous = {name: known.made.get(name, self.shapes.get(name, {})) for name in own}
        after = self.block(body, Names(inside.made, {**inside.maybe, **previous}), everything)
        self.condition(node.until, after, (*step.where, "until"))
        self.shapes[step.name] = record({"turns": COUNT, "done": TRUTH})

    def condition(self, source: str, names: Names, where: tuple[str | int, ...]) -> None:
        found = infer(source, names, self.say(where))
        if found.get("type") in ("object", "string") and "{{" not in source:
            self.problems.add(
                where,
                f"a condition is true or false, this is {in_words(found)}",
                "compare it, or write: NAME | length > 0",
            )

    def unused_roles(self) -> None:
        for index, role in enumerate(self.workflow.file.roles):
            if role not in self.surroundings.roles:
                self.problems.add(("roles", index), f"no node uses the role '{role}'", "remove it", warning=True)
