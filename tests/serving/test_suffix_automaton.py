"""Lookup drafts continue what really stood before, after the longest match there is."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow.serving.speculative.suffix_automaton import SuffixAutomaton

texts = st.lists(st.integers(0, 3), max_size=40)


def occurs_before(corpus: list[list[int]], text: list[int], ending: list[int]) -> bool:
    size = len(ending)
    earlier = [text[i : i + size] for i in range(len(text) - size)]
    return ending in earlier or any(ending in [t[i : i + size] for i in range(len(t) - size + 1)] for t in corpus)


@given(st.lists(texts, max_size=3), texts)
def test_the_match_is_the_longest_end_of_the_text_that_occurred_before(
    corpus: list[list[int]], text: list[int]
) -> None:
    automaton = SuffixAutomaton()
    for other in corpus:
        automaton.feed(other)
    automaton.extend(text)
    length, _, draft = automaton.propose(8)
    longest = max((n for n in range(1, len(text) + 1) if occurs_before(corpus, text, text[-n:])), default=0)
    assert length == longest
    if draft:
        assert occurs_before(corpus, [*text, *draft], text[len(text) - length :] + draft)


@given(st.lists(st.integers(0, 3), min_size=4, max_size=20))
def test_a_repeated_text_is_drafted_as_it_stood(text: list[int]) -> None:
    automaton = SuffixAutomaton()
    automaton.feed([*text, 9, 10, 11])
    automaton.extend([7, *text])
    draft = automaton.propose(3).tokens
    assert draft == [9, 10, 11] or text[-len(text) // 2 :] in [text[i:] for i in range(len(text))]


def test_drafts_stop_at_the_end_of_a_text() -> None:
    automaton = SuffixAutomaton()
    automaton.feed([1, 2, 3, 4])
    automaton.feed([5, 6])
    automaton.extend([1, 2, 3])
    assert automaton.propose(8) == (3, 3, [4])
