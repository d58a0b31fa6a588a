"""A value of several is given whole where it is asked for by its label."""

import pytest

from agentflow.research.listed import whole

LINE = "Authors: Ada Osei <ada@lamps.example>, Jonas Vik, Ida Moss"


@pytest.mark.parametrize(
    ("question", "answer", "line", "wanted"),
    [
        ("Who authored plan 215?", "Ada Osei", LINE, LINE.partition(": ")[2]),
        ("Who authored plan 215?", "Ada", LINE, "Ada"),
        ("Who authored plan 215?", "Ada Osei <ada@lamps.example>", LINE, LINE.partition(": ")[2]),
        ("Name the author or authors.", "Ada Osei <ada@lamps.example>, Jonas Vik", LINE, LINE.partition(": ")[2]),
        ("Who knows the lamps?", "Ada Osei <ada@lamps.example>", LINE, "Ada Osei <ada@lamps.example>"),
        ("Who authored plan 215?", "Jonas Vik", LINE, "Jonas Vik"),
        ("What is the colour?", "blue", "Colour: blue", "blue"),
        ("What is the colour?", "blue", "It is blue, green and red.", "blue"),
        ("When was it created?", "3 May", "Created: 3 May 2024", "3 May"),
    ],
)
def test_the_head_of_a_list_becomes_the_list(question: str, answer: str, line: str, wanted: str) -> None:
    assert whole(question, answer, line) == wanted
