"""Families of prompts become trees of tokens: each branch sees its prefix and itself, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starter.pack import IGNORE, Path, grow, pack

tokens = st.lists(st.integers(0, 5), min_size=2, max_size=8)
families = st.lists(tokens, min_size=1, max_size=6)


def visible(end: np.ndarray, i: int) -> list[int]:
    return [j for j in range(i + 1) if i < end[j]]


def leaf_paths(tree) -> set[tuple[int, ...]]:
    return {tuple(int(tree.tokens[j]) for j in visible(tree.end, i)) for i in range(len(tree))}


@settings(deadline=None)
@given(families)
def test_what_a_token_sees_is_a_beginning_of_one_of_the_prompts(family: list[list[int]]) -> None:
    tree = grow(Path(t, [1.0] * len(t)) for t in family)
    beginnings = {tuple(t[:n]) for t in family for n in range(1, len(t))}
    assert leaf_paths(tree) == beginnings


@settings(deadline=None)
@given(families)
def test_a_shared_beginning_is_computed_once(family: list[list[int]]) -> None:
    tree = grow(Path(t, [1.0] * len(t)) for t in family)
    assert len(tree) == len({tuple(t[:n]) for t in family for n in range(1, len(t))})


@settings(deadline=None)
@given(families)
def test_positions_are_those_of_the_prompt_alone(family: list[list[int]]) -> None:
    tree = grow(Path(t, [1.0] * len(t)) for t in family)
    for i in range(len(tree)):
        assert tree.depth[i] == len(visible(tree.end, i)) - 1


def test_each_verdict_is_the_label_of_its_own_branch() -> None:
    question, yes, no = [7, 8, 9], 1, 2
    tree = grow([Path([*question, 3, yes], [0, 0, 0, 0, 4.0]), Path([*question, 4, no], [0, 0, 0, 0, 2.0])])
    assert list(tree.tokens) == [7, 8, 9, 3, 4]
    assert list(tree.label) == [IGNORE, IGNORE, IGNORE, yes, no]
    assert list(tree.weight) == [0, 0, 0, 4.0, 2.0]


def test_trees_in_one_row_do_not_see_each_other() -> None:
    trees = [grow([Path([1, 2, 3], [0, 1, 1])]), grow([Path([4, 5, 6, 0], [0, 1, 1, 1])])]
    rows = pack(trees, length=8, pad=9)
    assert len(rows) == 1
    assert visible(rows.end[0], 1) == [0, 1]
    assert visible(rows.end[0], 4) == [2, 3, 4]
    assert visible(rows.end[0], 7) == [7]
    assert list(rows.depth[0]) == [0, 1, 0, 1, 2, 0, 0, 0]


def test_a_tree_longer_than_the_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack([grow([Path(list(range(10)), [0.0] * 10)])], length=8, pad=0)
