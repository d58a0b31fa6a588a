"""Questions as hurried people type them: greeted, told as a story, ordered."""

import pytest

from agentflow.research.question.direct import direct


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("Can you tell me who wrote it?", "who wrote it?"),
        ("Tell me who signs off invoices", "who signs off invoices"),
        ("remind me when the car tax is due", "when the car tax is due"),
        ("whats the fee", "what is the fee"),
        ("I can't remember which doctor we put down", "which doctor we put down"),
        ("I was wondering, when is the meeting?", "when is the meeting?"),
        (
            "Hello there, quick one before lunch: how long is the lease of the mill?",
            "how long is the lease of the mill?",
        ),
        ("Hi! I'm filling in a form - which doctor did we put down for Tom?", "which doctor did we put down for Tom?"),
        ("We're packing the car, from what time can we get into the barn?", "from what time can we get into the barn?"),
        (
            "Hello, doing my budget - how much did the firm pay me for travel?",
            "how much did the firm pay me for travel?",
        ),
    ],
)
def test_what_is_said_before_a_question_is_left_out(typed: str, question: str) -> None:
    assert direct(typed) == question


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("Hello, the boiler shows F75, what does that mean?", "what does that mean (the boiler shows F75)?"),
        (
            "My cat spits everything out. How do I get a pill into her?",
            "How do I get a pill into her (My cat spits everything out)?",
        ),
        (
            "I want to hand in my receipts but forgot, who was that again?",
            "who was that again (I want to hand in my receipts)?",
        ),
    ],
)
def test_a_story_without_which_it_says_too_little_goes_behind_the_question(typed: str, question: str) -> None:
    assert direct(typed) == question


@pytest.mark.parametrize(
    "question",
    [
        "In 1999, who was president of the club?",
        "According to Menon, when do most volunteers quit?",
        "If I cancel on the day, what do I pay?",
        "What does Aqua, Inc. charge for it, and is it trying to sell?",
        "Tell me about the harbour.",
        "Using the short form, what is it called?",
        "When the light is red, what should I do?",
        "",
        "hi",
    ],
)
def test_what_belongs_to_a_question_stays(question: str) -> None:
    assert direct(question) == question
