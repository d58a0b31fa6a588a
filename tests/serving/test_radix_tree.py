"""The radix tree agrees with comparing every sequence token by token."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow.serving.kvcache.radix_tree import PrefixTree

tokens = st.lists(st.integers(0, 2), max_size=12)
operations = st.lists(st.tuples(st.integers(0, 4), st.one_of(st.none(), tokens)), max_size=20)


def shared_length(left: list[int], right: list[int]) -> int:
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


@given(operations, tokens)
def test_the_tree_finds_the_longest_shared_prefix_of_every_sequence(
    steps: list[tuple[int, list[int] | None]], prompt: list[int]
) -> None:
    tree, held = PrefixTree(), dict[int, list[int]]()
    for sequence, text in steps:
        if text is None:
            tree.remove(sequence)
            held.pop(sequence, None)
        else:
            tree.insert(sequence, text)
            held[sequence] = text
    expected = {s: shared_length(text, prompt) for s, text in held.items() if shared_length(text, prompt)}
    assert tree.match(prompt) == expected
    prefixes = {tuple(text[: end + 1]) for text in held.values() for end in range(len(text))}
    assert tree.size == len(prefixes)
    assert tree.held({0, 1}) == len({p for p in prefixes if any(tuple(held.get(s, [])[: len(p)]) == p for s in (0, 1))})
    for sequence, text in held.items():
        others = [other for s, other in held.items() if s != sequence]
        common = max((shared_length(text, other) for other in others), default=0)
        assert tree.shared(sequence) == common
        assert tree.own(sequence) == len(text) - common


def test_removing_every_sequence_leaves_an_empty_tree() -> None:
    tree = PrefixTree()
    tree.insert(1, [1, 2, 3])
    tree.insert(2, [1, 2, 4])
    tree.remove(1)
    tree.remove(2)
    assert tree.size == 0
    assert not tree.root.children
