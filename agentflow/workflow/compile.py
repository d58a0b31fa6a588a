"""A checked workflow as an ordinary LangGraph StateGraph, so that checkpoints, resume, fork and events just work.

The state is plain JSON: the inputs, what each node has made, and the finished items of maps. Maps fan out by Send, one
task an item; loops and branches are conditional edges.
"""

import asyncio
from collections.abc import Callable, Mapping
from operator import add
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.graph import END as STOP
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agentflow.context import Context
from agentflow.errors import AgentflowError, BudgetSpent, StoreFailed, Unavailable
from agentflow.status import RunStatus
from agentflow.workflow import topology
from agentflow.workflow.executors import PERFORM
from agentflow.workflow.expressions import evaluate, fill, render
from agentflow.workflow.node_types import Branch, Loop, Map
from agentflow.workflow.parse import END, NodeBlock, ParsedNode, Workflow
from agentflow.workflow.state import GONE, MapItem, State, finished, last_part, merge, merge_parts, roots
from agentflow.workflow.stored import restore, store

Services = Runtime[Context]
OUTPUT = "output of the workflow"


def build(workflow: Workflow) -> StateGraph[Any, Context, Any, Any]:
    return GraphBuilder(workflow).build()


class GraphBuilder:
    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.folder: Path = workflow.path.parent
        self.nodes = [step.name for step in workflow.block.walk()]
        self.inputs = list(workflow.file.inputs)
        channels: dict[str, Any] = dict.fromkeys(self.inputs, Any)
        channels |= {
            "made": Annotated[dict[str, Any], merge],
            "parts": Annotated[dict[str, Any], merge_parts],
            "notes": Annotated[list[str], add],
            "output": dict[str, Any],
            "status": str,
        }
        state = TypedDict("State", channels, total=False)  # type: ignore[misc]
        self.graph: Any = StateGraph(state, context_schema=Context)  # its nodes take plain mappings

    def build(self) -> StateGraph[Any, Context, Any, Any]:
        self.graph.add_node(OUTPUT, self.finish)
        self.block(self.workflow.block, OUTPUT)
        self.graph.add_edge(START, self.workflow.block.entry)
        self.graph.add_edge(OUTPUT, STOP)
        graph: StateGraph[Any, Context, Any, Any] = self.graph
        return graph

    def block(self, block: NodeBlock, exit: str) -> None:
        """Adds the nodes of a block; its paths lead to `exit`."""
        alive = topology.order(block)
        gates = {
            target: f"{exit if target == END else target}.gate"
            for target in [*alive, END]
            if topology.joins(block, target)
        }
        for name in alive:
            targets = [gates.get(target) or (exit if target == END else target) for target in block.edges[name]]
            self.step(block.steps[name], targets)
        for target, gate in gates.items():
            sources = [block.steps[source] for source in topology.predecessors(block, target)]
            self.gate(gate, sources, exit if target == END else target)

    def gate(self, gate: str, sources: list[ParsedNode], target: str) -> None:
        """Where parallel paths meet: each that arrives looks whether the others have."""

        async def arrive(state: State) -> State:
            return {"notes": []}

        def choose(state: State) -> list[str]:
            return [target] if all(finished(step, state.get("made", {})) for step in sources) else []

        self.graph.add_node(gate, arrive)
        self.graph.add_conditional_edges(gate, choose, [target])

    def step(self, step: ParsedNode, targets: list[str]) -> None:
        """A node and its ways on."""
        if isinstance(step.node, Branch):
            self.branch(step, step.node, targets)
            return
        if isinstance(step.node, Loop) and step.body:
            self.loop(step, step.node, step.body, targets)
            return
        if isinstance(step.node, Map) and step.body:
            self.map(step, step.node, step.body)
        else:
            self.graph.add_node(step.name, self.single(step))
        for target in targets:
            self.graph.add_edge(last_part(step), target)

    def single(self, step: ParsedNode) -> Any:
        perform, used = PERFORM[type(step.node)], roots(step.node.model_dump(by_alias=True))

        async def node(state: State, runtime: Services) -> State:
            value = await perform(step.node, runtime.context, self.names(runtime.context, state, used), self.folder)
            return {"made": {step.name: store(value)}, "notes": runtime.context.notes()}

        return node

    def branch(self, step: ParsedNode, node: Branch, targets: list[str]) -> None:
        exit = next((target for target in targets if target not in self.nodes), END)

        def choose(state: State) -> str:
            target = str(state["made"][step.name]["to"])
            return exit if target == END else target

        self.graph.add_node(step.name, self.single(step))
        self.graph.add_conditional_edges(step.name, choose, targets)

    def loop(self, step: ParsedNode, node: Loop, body: NodeBlock, targets: list[str]) -> None:
        """NAME starts a turn count, NAME.until ends each turn."""
        again, used = f"{step.name}.until", roots(node.until)

        async def begin(state: State) -> State:
            fresh = {inner.name: GONE for inner in body.walk()}
            return {"made": {**fresh, step.name: {"turns": 0, "done": False}}}

        async def until(state: State, runtime: Services) -> State:
            turns = state["made"][step.name]["turns"] + 1
            done = bool(evaluate(node.until, {**self.names(runtime.context, state, used), "turn": turns}))
            return {"made": {step.name: {"turns": turns, "done": done}}}

        def choose(state: State) -> list[str]:
            made = state["made"][step.name]
            return targets if made["done"] or made["turns"] >= node.max_turns else [body.entry]

        self.graph.add_node(step.name, begin)
        self.block(body, again)
        self.graph.add_edge(step.name, body.entry)
        self.graph.add_node(again, until)
        self.graph.add_conditional_edges(again, choose, [body.entry, *targets])

    def map(self, step: ParsedNode, node: Map, body: NodeBlock) -> None:
        """NAME counts the items, NAME.item runs the body once for each, NAME.all puts the results in order."""
        each, all_items = f"{step.name}.item", f"{step.name}.all"
        used = roots(node.over)
        inside = roots([inner.node.model_dump(by_alias=True) for inner in body.walk()]) | roots(
            [node.collect, node.label]
        )

        async def begin(state: State, runtime: Services) -> State:
            context = runtime.context
            items = self.items(node, state, context, used)
            if len(items) > node.max_items:
                context.note(
                    f"{step.name}: {len(items) - node.max_items} of {len(items)} items left out, `max_items` is {node.max_items}"
                )
            kept = items[: node.max_items]
            inputs = {name: state.get(name) for name in self.inputs}
            over = {
                "items": store(kept),
                "labels": [self.label(node, item, index, inputs) for index, item in enumerate(kept)],
            }
            return {"parts": {step.name: None, f"{step.name}.over": over}, "notes": context.notes()}

        def fan_out(state: State) -> list[Send] | str:
            over = state["parts"][f"{step.name}.over"]
            made = {name: value for name, value in state.get("made", {}).items() if name in inside}
            inputs = {name: state.get(name) for name in self.inputs}
            sends = [
                Send(each, MapItem(label=label, inputs=inputs, made=made, item=item, index=index))
                for index, (item, label) in enumerate(zip(over["items"], over["labels"], strict=True))
            ]
            return sends or all_items

        async def run_item(state: MapItem, runtime: Services) -> State:
            return await self.item(step.name, node, body, state, runtime.context, inside)

        async def gather(state: State) -> State:
            parts = state["parts"].get(step.name, {})
            ordered = [parts[key] for key in sorted(parts, key=int)]
            cleared: dict[str, Any] = {step.name: None, f"{step.name}.over": None}
            return {"made": {step.name: [part["value"] for part in ordered if "value" in part]}, "parts": cleared}

        self.graph.add_node(step.name, begin)
        self.graph.add_node(each, gated(run_item, node.concurrency), input_schema=MapItem)
        self.graph.add_node(all_items, gather)
        self.graph.add_conditional_edges(step.name, fan_out, [each, all_items])
        self.graph.add_edge(each, all_items)

    def items(self, node: Map, state: State, context: Context, used: set[str]) -> list[Any]:
        value = evaluate(node.over, self.names(context, state, used))
        items = list(value) if hasattr(value, "__next__") else value
        if not isinstance(items, list):
            raise AgentflowError(f"'{node.over}' is not a list", "a map runs over a list")
        return items

    def label(self, node: Map, item: Any, index: int, inputs: State) -> str:
        if node.label:
            names = {**dict.fromkeys(self.nodes), "inputs": inputs, node.item: item, "index": index}
            return " ".join(render(node.label, names).split())[:200]
        return item if isinstance(item, str) else f"{node.item} {index + 1}"

    async def item(
        self, name: str, node: Map, body: NodeBlock, state: MapItem, context: Context, used: set[str]
    ) -> State:
        """One item: its nodes one after the other in one task. After a crash their recorded calls are not repeated."""
        made = dict(state["made"])
        own = {node.item: restore(context, state["item"]), "index": state["index"]}
        place = str(state["index"])
        try:
            for inner in topology.order(body):
                step = body.steps[inner]
                names = {**self.names(context, {**state["inputs"], "made": made}, used), **own}
                made[inner] = store(await PERFORM[type(step.node)](step.node, context, names, self.folder))
            names = {**self.names(context, {**state["inputs"], "made": made}, used | {inner}), **own}
            value = names[inner] if node.collect is None else fill(node.collect, names)
        except (BudgetSpent, StoreFailed, Unavailable):
            raise
        except AgentflowError as error:
            if node.on_error == "stop":
                raise
            context.note(f"{name}: item {state['index'] + 1} left out: {error.message}", "warning")
            return {"parts": {name: {place: {}}}, "notes": context.notes()}
        return {"parts": {name: {place: {"value": store(value)}}}, "notes": context.notes()}

    def names(self, context: Context, state: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
        """What templates see: the inputs, every node's output (none before it ran), each loop's turn."""
        made = state.get("made", {})
        seen: dict[str, Any] = {"inputs": {name: state.get(name) for name in self.inputs}}
        for name in self.nodes:
            seen[name] = restore(context, made.get(name)) if name in used else None
        turns = [
            made[step.name]["turns"]
            for step in self.workflow.block.walk()
            if isinstance(step.node, Loop) and made.get(step.name)
        ]
        return {**seen, "turn": turns[-1] + 1 if turns else 1}

    async def finish(self, state: State, runtime: Services) -> State:
        file, context = self.workflow.file, runtime.context
        names = self.names(context, state, roots([file.output, file.sufficient_if, file.insufficient]))
        output = fill(file.output, names)
        enough = not file.sufficient_if or bool(evaluate(file.sufficient_if, names))
        reason = "" if enough else render(file.insufficient, names)
        notes = list(dict.fromkeys(filter(None, [reason, *state.get("notes", []), *context.notes()])))
        if notes:
            output = {**output, "notes": notes}
        return {"output": output, "status": RunStatus.DONE.value if enough else RunStatus.INSUFFICIENT.value}


def gated(run: Callable[[MapItem, Services], Any], most: int) -> Any:
    """At most `most` of a map's tasks at a time, in each event loop."""
    gates: dict[int, asyncio.Semaphore] = {}

    async def node(state: MapItem, runtime: Services) -> State:
        gate = gates.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(most))
        async with gate:
            result: State = await run(state, runtime)
            return result

    return node
