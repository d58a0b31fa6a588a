"""To why, a sentence that gives a reason; no title, heading or label."""

from pathlib import Path

import pytest

from agentflow.research.question.planning import asks_reason
from agentflow.text.reasons import gives_reason
from tests.research.asking import asked

CHAT = """Service failure of 4 March

Mira: good morning to all of you, what a night.

The service failed on 4 March because the disk was full.

The service failed on 4 March in the eyes of everybody in the house.
"""


@pytest.mark.parametrize(
    ("question", "does"),
    [
        ("Why did it fail?", True),
        ("On 4 March, why did it fail?", True),
        ("What is the reason for it?", True),
        ("What caused the failure?", True),
        ("How did it fail?", False),
        ("What failed?", False),
    ],
)
def test_who_asks_why(question: str, does: bool) -> None:
    assert asks_reason(question) is does


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("It failed because of ice.", True),
        ("This is due to the age of the planks.", True),
        ("Otherwise the gate would freeze.", True),
        ("It failed on 4 March.", False),
        ("It is used since 2019.", False),
    ],
)
def test_what_gives_a_reason(text: str, does: bool) -> None:
    assert gives_reason(text) is does


async def test_the_sentence_with_the_reason_answers(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, {"chat.txt": CHAT}, "Why did the service fail on 4 March?", "Service failure")
    assert outcome.output["answer"] == "The service failed on 4 March because the disk was full."


async def test_a_title_is_no_reason(tmp_path: Path) -> None:
    page = CHAT.split("\n\nThe service")[0]
    outcome, _ = await asked(tmp_path, {"chat.txt": page}, "Why did the service fail on 4 March?", "Service failure")
    assert "Service failure" not in outcome.output["answer"]
