"""Follow-up questions put by rule: what they point back to is named, what stands alone is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.research.question.standalone import points_back, standalone, topic_of

LOG = "How long is the audit log kept?"
KEPT = "The audit log is kept for seven years on the archive server."


@pytest.mark.parametrize(
    ("question", "quotes", "topic"),
    [
        (LOG, [KEPT], "the audit log"),
        (LOG, [], "the audit log kept"),
        ("When was the harbour tower finished?", ["The harbour tower was finished in 1931."], "the harbour tower"),
        ("Who leads Acme Robotics?", ["Acme Robotics is led by Ada Osei."], "Acme Robotics"),
        ("Who wrote PEP 8?", [], "wrote PEP 8"),
    ],
)
def test_topic(question: str, quotes: list[str], topic: str) -> None:
    assert topic_of(question, quotes) == topic


@pytest.mark.parametrize(
    ("question", "answer", "put"),
    [
        ("and who may read it?", "seven years", "who may read the audit log?"),
        ("But what is its size?", "seven years", "what is the audit log's size?"),
        ("and the backups?", "seven years", "How long is the backups kept?"),
        ("what about the backups?", "seven years", "How long is the backups kept?"),
        ("and in 2019?", "seven years", "How long is the audit log kept in 2019?"),
        ("And when did she join?", "Maria Lindgren", "when did Maria Lindgren join?"),
        ("When was his birthday?", "Tomas Ek", "When was Tomas Ek's birthday?"),
        ("why?", "seven years", "why: How long is the audit log kept?"),
        ("and who decided?", "seven years", "who decided (the audit log)?"),
        (
            "Which members of the support team are on call at Christmas?",
            "seven years",
            "Which members of the support team are on call at Christmas?",
        ),
    ],
)
def test_standalone(question: str, answer: str, put: str) -> None:
    assert standalone(question, LOG, "the audit log", answer) == put


@pytest.mark.parametrize(
    ("question", "back"),
    [
        ("Who signed the lease?", False),
        ("When was Tomas Ek born?", False),
        ("Is it allowed to smoke in the flat?", False),
        ("Does Smith say that hedges help?", False),
        ("Which tenants lost their keys?", False),
        ("What is planned for this year?", True),
        ("How much rain fell in May this year?", False),
        ("When did the board approve its budget?", False),
        ("Who is the tenant that left?", False),
        ("Where is the log kept?", True),  # of what was read before
        ("Who decided?", True),
        ("Who signed it?", True),
        ("Who signed that agreement?", True),
        ("Is it kept on the server?", True),
        ("What are its limits?", True),
        ("and the lease?", True),
        ("what about Tomas Ek?", True),
        ("When did they leave?", True),
    ],
)
def test_a_question_of_something_else_stands_by_itself(question: str, back: bool) -> None:
    assert points_back(question, f"{KEPT} It is a long log.") == back
    assert back or standalone(question, LOG, "the audit log", "seven years", KEPT) == question


def test_the_pronoun_that_points_back_is_the_one_that_gives_way() -> None:
    put = standalone("Does the report say that it is safe?", LOG, "the audit log", "seven years")
    assert put == "Does the report say that the audit log is safe?"


@settings(deadline=None)
@given(st.text(max_size=80), st.text(min_size=1, max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_follow_any_other(question: str, before: str, answer: str, quote: str) -> None:
    topic = topic_of(before, [quote])
    put = standalone(question, before, topic, answer)
    assert isinstance(put, str) and (points_back(question) or put == question)
