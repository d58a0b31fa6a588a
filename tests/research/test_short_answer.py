"""The answer as a person reads it."""

from dataclasses import replace

from agentflow.corpus.evidence import Evidence
from agentflow.research.conflicts import differs
from agentflow.research.short_answer import join_answers

OLD = Evidence("a", "Kept for 180 days.", "docs/2021.md", 1, None, 0, 18, "Rules", "2021-03-01")
NEW = replace(OLD, id="b", path="docs/2024.md", date="2024-03-01")


def test_one_answer_stands_as_it_is_and_several_are_joined() -> None:
    one = {"question": "q", "text": "180 days.", "quote": "a"}
    assert join_answers([one], [], {"a": OLD}) == "180 days."
    assert join_answers([one, {**one, "question": "r", "text": "staff"}], [], {"a": OLD}) == "180 days; staff"


def test_both_sides_are_named_with_their_dates_the_newer_first() -> None:
    answers = [{"question": "q", "text": "180 days", "quote": "a"}]
    against = [{"question": "q", "text": "90 days", "quote": "b", "claim": 0}]
    said = join_answers(answers, against, {"a": OLD, "b": NEW})
    assert said == "90 days (docs/2024.md, 2024-03-01), but 180 days (docs/2021.md, 2021-03-01)"


def test_only_other_numbers_of_the_same_kind_disagree() -> None:
    assert differs("180 days", "90 days") and differs("1931", "1932")
    assert differs("36 hours", "four working days") and not differs("36 hours", "1.5 days")  # spans of time
    assert differs("Wednesday", "Every week on Thursday") and not differs("Wednesday", "on a Wednesday")
    assert not differs("180 days", "180") and not differs("180 days", "12 litres") and not differs("180 days", "staff")
