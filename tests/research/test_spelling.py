"""A mistyped word is read as the documents spell it; what they or English know is left alone."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.research.question.spelling import respelled
from tests.research.asking import asked

PAGE = """# House papers

The passport of Tom ran out in May. The excess of the insurance is 350 pounds. The root cause was a broken tumble dryer.
The landlord's caretaker is Mr Moody. RabbitMQ keeps the cause of each case. The library should be paid by the funds.
"""


@pytest.fixture
async def corpus(tmp_path: Path) -> Corpus:
    (tmp_path / "page.md").write_text(PAGE)
    opened = Corpus.open(tmp_path / "agentflow.db", create=True)
    await ingest(opened, [tmp_path / "page.md"], embedder=None)
    return opened


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("when dose toms pasport run out", "when does toms passport run out"),
        ("whats the exces", "whats the excess"),
        ("teh root cuase", "the root cause"),
        ("who is the caretakr", "who is the caretaker"),
        ("wat about rabitmq", "what about rabbitmq"),
        ("how long shoud it dont last", "how long should it don't last"),
    ],
)
async def test_a_mistyped_word_is_put_right(corpus: Corpus, typed: str, read: str) -> None:
    assert respelled(corpus, typed) == read


@pytest.mark.parametrize(
    "question",
    [
        "What does the laptop cost?",  # an English word that the documents do not hold
        "Who is the funder of the thesis?",
        "Where did Pasport live?",  # a name
        "is it in /var/pasport or pasport.md",
        "wer bezahlt die versicherung und das passport",  # no English
        "cafe",
    ],
)
async def test_what_is_no_mistake_stays(corpus: Corpus, question: str) -> None:
    assert respelled(corpus, question) == question


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(question=st.text(max_size=60))
async def test_any_text_may_be_asked(corpus: Corpus, question: str) -> None:
    assert len(respelled(corpus, question).split()) == len(question.split())


async def test_the_report_tells_how_the_question_was_read(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, {"page.md": PAGE}, "How high is the exces of the insurance?", "350 pounds")
    assert "350 pounds" in outcome.output["answer"]
    assert any("'How high is the excess of the insurance?'" in note for note in outcome.output["notes"])
