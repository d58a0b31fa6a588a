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


@settings(deadline=None)
@given(st.text(max_size=80), st.text(min_size=1, max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_follow_any_other(question: str, before: str, answer: str, quote: str) -> None:
    topic = topic_of(before, [quote])
    put = standalone(question, before, topic, answer)
    assert isinstance(put, str) and (points_back(question) or put == question)
