"""What kind of question it is, and the planner's questions."""

import pytest

from agentflow.research.question.planning import distinct, is_broad, is_polar, useful, wants_explanation


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


@pytest.mark.parametrize(
    ("question", "polar", "explains"),
    [
        ("Can you tell me who wrote it?", False, False),
        ("Could anyone please tell us whether it floats?", True, False),
        ("Please tell me how it floats.", False, True),
        ("Can I give you a boat?", True, False),
        ("If it sinks, who pays?", False, False),
        ("Ist das Boot dicht?", True, False),
        ("Warum ist das Boot undicht?", False, True),
        ("Wird das Boot gestrichen oder verkauft?", False, False),
    ],
)
def test_a_request_is_taken_for_the_question_in_it(question: str, polar: bool, explains: bool) -> None:
    assert (is_polar(question), wants_explanation(question)) == (polar, explains)
