"""Families of prompts as trees of tokens, packed into rows, so that training computes what inference computes.

Prompts that share a beginning (one question and many sentences, one quote and many claims) become one tree in
depth-first order. Token i sees token j when j <= i < end[j]; its position is its depth. So a shared prefix is computed
once, and each branch sees exactly the prefix and itself, as in a server with a prefix cache.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IGNORE = -100


class Path(NamedTuple):
    """Tokens from the root to a leaf; `weights[i]` is the weight of predicting tokens[i] from what is before it."""

    tokens: Sequence[int]
    weights: Sequence[float]


@dataclass(frozen=True, slots=True)
class Tree:
    """One family in depth-first order; `end` is relative to the tree's start. `label` is predicted at its own index."""

    tokens: NDArray[np.int32]
    depth: NDArray[np.int32]
    end: NDArray[np.int32]
    label: NDArray[np.int32]
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.tokens)


def grow(paths: Iterable[Path]) -> Tree:
    """Merges common beginnings. The last token of a path is only a label, unless another path goes on through it."""
    tokens: list[int] = []
    depth: list[int] = []
    end: list[int] = []
    label: list[int] = []
    weight: list[float] = []
    open_nodes: list[int] = []  # the current path, root first
    previous: Sequence[int] = ()
    for path in sorted(paths, key=lambda p: tuple(p.tokens)):
        fed = path.tokens[:-1]
        shared = 0
        while shared < min(len(fed), len(previous)) and fed[shared] == previous[shared]:
            shared += 1
        for node in open_nodes[shared:]:
            end[node] = len(tokens)
        del open_nodes[shared:]
        for position in range(shared, len(fed)):
            open_nodes.append(len(tokens))
            tokens.append(fed[position])
            depth.append(position)
            end.append(0)
            label.append(IGNORE)
            weight.append(0.0)
        for position, value in enumerate(path.weights[1:]):
            node = open_nodes[position]
            if value > weight[node]:
                label[node], weight[node] = path.tokens[position + 1], value
        previous = fed
    for node in open_nodes:
        end[node] = len(tokens)
    as_int = [np.array(column, np.int32) for column in (tokens, depth, end, label)]
    return Tree(*as_int, np.array(weight, np.float32))


class Rows(Tree):
    """Trees packed into rows of one length: (rows, length) each. Padding sees itself only and has no label."""


def pack(trees: Sequence[Tree], length: int, pad: int) -> Rows:
    """First fit over the open rows. Trees longer than `length` are the caller's mistake: ValueError."""
    rows: list[list[Tree]] = []
    free: list[int] = []
    for tree in trees:
        if len(tree) > length:
            raise ValueError(f"a tree of {len(tree)} tokens does not fit rows of {length}")
        slot = next((i for i in range(max(0, len(rows) - 32), len(rows)) if free[i] >= len(tree)), None)
        if slot is None:
            rows.append([])
            free.append(length)
            slot = len(rows) - 1
        rows[slot].append(tree)
        free[slot] -= len(tree)
    shape = (len(rows), length)
    packed = Rows(
        np.full(shape, pad, np.int32),
        np.zeros(shape, np.int32),
        np.tile(np.arange(1, length + 1, dtype=np.int32), (len(rows), 1)),
        np.full(shape, IGNORE, np.int32),
        np.zeros(shape, np.float32),
    )
    for r, row in enumerate(rows):
        start = 0
        for tree in row:
            here = slice(start, start + len(tree))
            packed.tokens[r, here] = tree.tokens
            packed.depth[r, here] = tree.depth
            packed.end[r, here] = tree.end + start
            packed.label[r, here] = tree.label
            packed.weight[r, here] = tree.weight
            start += len(tree)
    return packed
