"""What of an answer is reasoning, text and calls, however it is cut into pieces."""

import pytest

from agentflow.serving.text.output_parser import AnswerParser


def content(parser: AnswerParser, text: str) -> str:
    deltas = [delta for mark in text for delta in parser.push(mark)]
    return "".join(delta.content or "" for delta in [*deltas, *parser.close()])


@pytest.mark.parametrize("text", ["<think>cut off", "  <think> tags", "<think>\na\n</think>\n4", "<thin", "plain"])
def test_a_raw_completion_is_told_as_it_is(text: str) -> None:
    assert content(AnswerParser(raw=True), text) == text


def test_a_chat_answer_is_told_without_its_reasoning() -> None:
    assert content(AnswerParser(), "<think>\na\n</think>4") == "4"
