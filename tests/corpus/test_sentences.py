"""Prose to sentences."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.corpus.blocks import Block
from agentflow.corpus.sentences import LONGEST, sentences


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text, Block("prose", 0, len(text)))]


@pytest.mark.parametrize(
    "parts",
    [
        ["It rains.", "We stay."],
        ["Dr. Leaf came at 3.30 p.m. on Monday.", "He left."],
        ["Use e.g. the blue one, cf. Fig. 3 there.", "Done!"],
        ["J. R. Smith wrote it.", "K. agreed."],
        ['He said "Stop!"', "She did."],
        ["Version 3.12 is out.", "See https://example.org/a.b?c=1."],
        ["Is it so?", "No.", "(It is not.)", "Fine..."],
        ["See No. 5 of it.", "Buy no. 7 too."],
        ["They sell tea, cups etc.", "The shop is small."],
        ["The cat slept .", "the dog did not ."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


def test_scripts_without_blanks_are_split_too() -> None:
    assert split("これは本です。あれは猫です。") == ["これは本です。", "あれは猫です。"]


def test_a_run_without_stops_is_cut_to_what_a_passage_holds() -> None:
    parts = split("word " * 2000)
    assert len(parts) > 10 and all(len(part) <= LONGEST for part in parts)
    assert "".join(parts).replace(" ", "") == "word" * 2000


@given(st.text(max_size=2000))
@settings(max_examples=100, deadline=None)
def test_nothing_but_blanks_and_bare_marks_is_lost(text: str) -> None:
    spans = list(sentences(text, Block("prose", 0, len(text))))
    covered = {at for start, end in spans for at in range(start, end)}
    assert not any(mark.isalnum() and at not in covered for at, mark in enumerate(text))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
