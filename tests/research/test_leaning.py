"""A sentence that begins with `it` or `both` is quoted with the one that says what is meant."""

from pathlib import Path

import pytest

from agentflow.research.passages.leaning import refers_back
from tests.research.asking import asked

PAGE = """# The ferry house

The old barge lies in the mud of the north bank. It was sold to a painter for nine crowns.

Two dogs keep the gate, Bello and Wasp.
Both bark at strangers.
"""


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("It was sold for nine crowns.", True),
        ("Both bark at strangers.", True),
        ("In this case the gate stays shut.", True),
        ("It is possible to row.", False),
        ("It's recommended to row.", False),
        ("This page tells how to row.", False),
        ("Italy is far.", False),
        ("The barge was sold.", False),
    ],
)
def test_what_leans_on_the_sentence_before(text: str, does: bool) -> None:
    assert refers_back(text) is does


async def test_the_quote_says_what_it_speaks_of(tmp_path: Path) -> None:
    question = "For how many crowns was the barge sold to a painter?"
    outcome, _ = await asked(tmp_path, {"ferry.md": PAGE}, question, "nine crowns")
    assert outcome.output["answer"] == "nine crowns"
    assert outcome.output["evidence"][0]["quote"].startswith("The old barge lies")


async def test_the_answer_does_so_too_where_it_is_the_whole_sentence(tmp_path: Path) -> None:
    question = "For how many crowns was the barge sold to a painter?"
    outcome, _ = await asked(tmp_path, {"ferry.md": PAGE}, question, "It was sold to a painter for nine crowns.")
    assert outcome.output["answer"] == (
        "The old barge lies in the mud of the north bank. It was sold to a painter for nine crowns."
    )
