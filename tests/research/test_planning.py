"""The parts of a question, and what is searched for next."""

import pytest

from agentflow.research.planning import distinct, is_broad, parts, useful, wants_explanation


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("When was the tower built?", ["When was the tower built?"]),
        ("How high is the tower, and who paid for the lamp?", ["How high is the tower?", "Who paid for the lamp?"]),
        ("Where is the key and who keeps it?", ["Where is the key?", "Where is the key: who keeps it?"]),
        ("Which files, folders and links are read?", ["Which files, folders and links are read?"]),
        ("What does the man who was there say?", ["What does the man who was there say?"]),
        ("Tell me the date, and when it ends", ["Tell me the date, and when it ends"]),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_twice(question: str, wanted: list[str]) -> None:
    assert parts(question) == wanted


def test_an_overview_is_told_from_a_question() -> None:
    assert is_broad("What do these papers say about erosion?") and is_broad("Summarise the minutes.")
    assert not is_broad("When was the tower built?")


def test_planned_questions_that_repeat_or_stray_are_dropped() -> None:
    question = "When was the harbour tower built?"
    assert useful(question, ["When was the tower built?", "What do penguins eat?"]) == ["When was the tower built?"]
    assert distinct(["What is the?", "Tower height", "height of the tower"], besides=[]) == ["Tower height"]


def test_how_and_why_want_a_sentence() -> None:
    assert wants_explanation("How do I add a tool?") and wants_explanation("What happens to it: how do I continue it?")
    assert not wants_explanation("How many tools are there?") and not wants_explanation("Who wrote it?")
