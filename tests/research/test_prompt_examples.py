"""Examples of a prompt stand before its question as turns of a conversation."""

from pathlib import Path

from agentflow.models.client.types import Message
from agentflow.prompts import load_prompt

TEXT = """
system: Say yes or no.
examples:
  - {values: {word: red}, answer: "yes"}
user: Is {{ word }} a colour?
max_tokens: 2
"""


def test_each_example_is_asked_and_answered_as_the_question_is(tmp_path: Path) -> None:
    (tmp_path / "colour.yaml").write_text(TEXT)
    assert load_prompt(tmp_path / "colour.yaml").messages(word="tall") == (
        Message("system", "Say yes or no."),
        Message("user", "Is red a colour?"),
        Message("assistant", "yes"),
        Message("user", "Is tall a colour?"),
    )
