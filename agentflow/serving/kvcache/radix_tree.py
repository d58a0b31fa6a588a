"""A radix tree over the token sequences whose KV cells are resident: which of them begins like a new prompt?"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class RadixNode:
    """An edge: its tokens, and the sequences that hold them."""

    tokens: list[int]
    parent: "RadixNode | None"
    children: dict[int, "RadixNode"] = field(default_factory=dict)
    sequences: set[int] = field(default_factory=set)


def common(left: list[int], right: list[int], start: int = 0) -> int:
    """How many tokens of `left` equal those of `right` from `start` on; slices compare in C."""
    low, high = 0, min(len(left), len(right) - start)
    if left[:high] == right[start : start + high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[start + low : start + middle]:
            low = middle
        else:
            high = middle - 1
    return low


class PrefixTree:
    """`size` counts each shared token once: the KV cells in use, as forks share cells."""

    def __init__(self) -> None:
        self.root = RadixNode([], None)
        self.tips: dict[int, RadixNode] = {}
        self.size = 0

    def insert(self, sequence: int, tokens: list[int]) -> None:
        """`sequence` holds `tokens` from now on (and nothing else)."""
        self.remove(sequence)
        node, depth = self.root, 0
        while depth < len(tokens):
            child = node.children.get(tokens[depth])
            if child is None:
                child = RadixNode(tokens[depth:], node)
                node.children[tokens[depth]] = child
                self.size += len(child.tokens)
            else:
                shared = common(child.tokens, tokens, depth)
                if shared < len(child.tokens):
                    child = self._split(child, shared)
            child.sequences.add(sequence)
            depth += len(child.tokens)
            node = child
        self.tips[sequence] = node

    def _split(self, node: RadixNode, length: int) -> RadixNode:
        """Cuts an edge in two; returns the upper part."""
        assert node.parent is not None
        upper = RadixNode(node.tokens[:length], node.parent, {node.tokens[length]: node}, set(node.sequences))
        node.parent.children[node.tokens[0]] = upper
        node.tokens, node.parent = node.tokens[length:], upper
        return upper

    def remove(self, sequence: int) -> None:
        for node in self._path(sequence):
            node.sequences.discard(sequence)
            if not node.sequences and node.parent is not None:
                self.size -= len(node.tokens)
                del node.parent.children[node.tokens[0]]
        self.tips.pop(sequence, None)

    def _path(self, sequence: int) -> Iterator[RadixNode]:
        """From the tip upwards, without the root."""
        node = self.tips.get(sequence)
        while node is not None and node.parent is not None:
            upper = node.parent
            yield node
            node = upper

    def match(self, tokens: list[int]) -> dict[int, int]:
        """For each sequence that begins like `tokens`: how many leading tokens it shares."""
        shared: dict[int, int] = {}
        node, depth = self.root, 0
        while depth < len(tokens) and (child := node.children.get(tokens[depth])):
            length = common(child.tokens, tokens, depth)
            depth += length
            for sequence in child.sequences:
                shared[sequence] = depth
            if length < len(child.tokens):
                break
            node = child
        return shared

    def held(self, sequences: set[int]) -> int:
        """Tokens that at least one of the sequences holds, each counted once."""
        total, nodes = 0, [self.root]
        while nodes:
            for child in nodes.pop().children.values():
                if not sequences.isdisjoint(child.sequences):
                    total += len(child.tokens)
                    nodes.append(child)
        return total

    def own(self, sequence: int) -> int:
        """Tokens that only this sequence holds: the cells its removal frees."""
        return sum(len(node.tokens) for node in self._path(sequence) if len(node.sequences) == 1)

    def shared(self, sequence: int) -> int:
        """Leading tokens that another sequence holds too."""
        return sum(len(node.tokens) for node in self._path(sequence) if len(node.sequences) > 1)
