"""What kind of question it is, and the planner's questions."""

from agentflow.research.planning import distinct, is_broad, useful, wants_explanation


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
