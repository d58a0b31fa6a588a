"""The order of a block's nodes: what runs before what for certain, what perhaps, what never, and where paths meet."""

from collections.abc import Callable, Collection, Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from agentflow.workflow.node_types import Branch
from agentflow.workflow.parse import END, NodeBlock


def reachable(block: NodeBlock) -> set[str]:
    return _walk([block.entry], lambda name: block.edges.get(name, []))


def cycle(block: NodeBlock) -> list[str]:
    """The nodes of one cycle in order, the first again at the end; empty when there is none."""
    try:
        _sorter(block, block.steps).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def order(block: NodeBlock) -> list[str]:
    """The reachable nodes, each after all that lead to it. Only for a block without cycles."""
    alive = reachable(block)
    return list(_sorter(block, [name for name in block.steps if name in alive]).static_order())


def _sorter(block: NodeBlock, names: Collection[str]) -> TopologicalSorter[str]:
    sorter = TopologicalSorter[str](dict.fromkeys(names, ()))
    for source in names:
        for target in block.edges.get(source, []):
            if target in names:
                sorter.add(target, source)
    return sorter


def predecessors(block: NodeBlock, name: str) -> list[str]:
    alive = reachable(block)
    return [source for source in block.steps if source in alive and name in block.edges[source]]


def before(block: NodeBlock) -> dict[str, tuple[set[str], set[str]]]:
    """For each reachable node, and for `end`: the nodes that have run for certain, and those that may have."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for name in [*order(block), END]:
        sources = predecessors(block, name)
        certain: set[str] = set()
        perhaps: set[str] = set()
        for position, source in enumerate(sources):
            passed = found[source][0] | {source}
            joined = position == 0 or joins(block, name)
            certain = passed | certain if joined else passed & certain
            perhaps |= found[source][1] | {source}
        found[name] = (certain, perhaps)
    return found


def forks(block: NodeBlock) -> set[str]:
    """Nodes after which several others run at the same time."""
    return {
        name
        for name, targets in block.edges.items()
        if len(targets) > 1 and not isinstance(block.steps[name].node, Branch)
    }


def joins(block: NodeBlock, name: str) -> bool:
    """Whether parallel paths meet here, so that it waits for all of them; alternative paths just arrive."""
    return bool(forks(block)) and any(_open_forks(block, pair) for pair in combinations(predecessors(block, name), 2))


def tangled(block: NodeBlock) -> tuple[str, str] | None:
    """A fork and the node where its paths meet, when that node might wait for ever for a path not taken."""
    if not forks(block):
        return None
    for name in [*order(block), END]:
        found = [_open_forks(block, pair) for pair in combinations(predecessors(block, name), 2)]
        opened = set[str]().union(*found)
        for fork in opened:
            between = _reached(block, fork) & _above(block, name)
            if not all(found) or any(isinstance(block.steps[step].node, Branch) for step in between):
                return fork, name
    return None


def _open_forks(block: NodeBlock, pair: tuple[str, str]) -> set[str]:
    """The forks that make both nodes run at the same time: no node below the fork lies on all ways to both."""
    dominators = _dominators(block)
    shared = dominators[pair[0]] & dominators[pair[1]]
    found = set()
    for fork in forks(block):
        below = _reached(block, fork)
        if all(name in below or name == fork for name in pair) and not shared & below:
            found.add(fork)
    return found


def _dominators(block: NodeBlock) -> dict[str, set[str]]:
    """For each reachable node the nodes on every way to it, itself included."""
    found: dict[str, set[str]] = {}
    for name in order(block):
        above = [found[source] for source in predecessors(block, name)]
        found[name] = {name} | (set.intersection(*above) if above else set())
    return found


def _reached(block: NodeBlock, name: str) -> set[str]:
    """Everything below a node."""
    return _walk(block.edges[name], lambda target: block.edges[target])


def _above(block: NodeBlock, name: str) -> set[str]:
    return _walk(predecessors(block, name), lambda source: predecessors(block, source))


def _walk(start: Iterable[str], following: Callable[[str], list[str]]) -> set[str]:
    """All that is come upon from `start`, itself included, without the end."""
    seen: set[str] = set()
    queue = list(start)
    while queue:
        name = queue.pop()
        if name not in seen and name != END:
            seen.add(name)
            queue += following(name)
    return seen
