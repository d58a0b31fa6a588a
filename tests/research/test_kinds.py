"""An answer of another kind than the one asked for is none."""

import pytest

from agentflow.research.question.kinds import measures_nothing, of_another_name, unfit


@pytest.mark.parametrize(
    ("question", "answer", "source", "lacking"),
    [
        ("Where is the decision? Give the link.", "Final", "", "it is no link"),
        ("Give the URL of the minutes.", "https://minutes.example/7", "", ""),
        ("How many boats does it own?", "blue", "", "it tells no number"),
        ("How many boats does it own?", "eleven", "", ""),
        ("How many boats does it own?", "none", "", ""),
        ("How many boats does it own?", "all of the boats", "", ""),
        ("How many boats does it own?", "all our harbours", "", "it tells no number"),
        ("How many chromosomes are there?", "100 kb", "", "it measures and does not count"),
        ("How many metres is it high?", "100 m", "", ""),
        ("How many GB does it need?", "8 GB", "", ""),
        ("What year was it sold?", "in spring", "", "it tells no number"),
        ("What year was it sold?", "1964", "", ""),
        ("Which plan replaced plan 215?", "lamps of the harbour", "Plan 292", "it tells no number"),
        ("Which plan replaced plan 215?", "292", "Plan 292", ""),
        ("Name the plan that replaced the old one.", "Ida Moss", "Plan 292", "it tells no number"),
        ("Which plans need the harbour?", "Ida Moss", "Plan 292", "it tells no number"),
        ("Which plan won?", "the harbour plan", "The harbour", ""),  # here no plan has a number
        ("Who wrote plan 215?", "Ida Moss", "Plan 215", ""),
        ("Which people wrote plan 215?", "Ida Moss", "Plan 215", ""),
        ("What links the two harbours?", "a canal", "", ""),
        ("Which link is there between the harbours?", "a canal", "", ""),
        ("What decision link does plan 8 carry?", "Final", "", "it is no link"),
        ("Give the address of the message that settled plan 8.", "08-Jul-2026", "", "it is no link"),
        ("Where is the outcome of plan 8 recorded online?", "plan 9", "", "it is no link"),
        ("What is the address of the harbour office?", "4 Mill Lane", "", ""),
        ("So where do I turn the water off?", "19 or below", "", "it is a number and no place"),
        ("Where are the spare lamps?", "in store 12b", "", ""),
        ("Where is it told?", "4.2", "", ""),
        ("Where is the key?", "above", "", ""),
        ("Where was it found?", "three", "", "it is a number and no place"),
        ("Where and when was it built?", "1931", "", ""),
    ],
)
def test_what_an_answer_lacks(question: str, answer: str, source: str, lacking: str) -> None:
    assert unfit(question, answer, source) == lacking


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "does"),
    [
        ("How long may a rower be silent?", "502", "The gate says 502 to strangers.", True),
        ("How long may a rower be silent?", "30", "After 30 seconds he is woken.", False),
        ("How long may a rower be silent?", "30", "Pause: 30", False),
        ("How long may a rower be silent?", "half an hour", "For half an hour.", False),
        ("Which gate is it?", "502", "The gate says 502 to strangers.", False),
    ],
)
def test_how_long_is_no_bare_number(question: str, answer: str, sentence: str, does: bool) -> None:
    assert measures_nothing(question, answer, sentence) is does


@pytest.mark.parametrize(
    ("question", "text", "name"),
    [
        ("Which Shuttle version does it need?", "the loom is at 19.6", "Shuttle"),
        ("Which version of Shuttle does it need?", "Shuttle 3.7", ""),
        ("Which version does it need?", "the loom is at 19.6", ""),
    ],
)
def test_the_version_of_something_else_is_none(question: str, text: str, name: str) -> None:
    assert of_another_name(question, text) == name
