"""The language of a question."""

import json
from pathlib import Path

import pytest

from agentflow.text.languages import language_of

SAMPLES = Path(__file__).parents[2] / "evals" / "samples"


def test_english_questions_are_english() -> None:
    questions = [
        json.loads(line).get("question", "") for file in SAMPLES.glob("*.jsonl") for line in file.open(encoding="utf-8")
    ]
    assert len(questions) > 300
    assert [question for question in questions if language_of(question) not in ("en", "de")] == []


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How high is the excess of the insurance?", "en"),
        ("How many come per day?", "en"),
        ("Hoe hoog is de rente van het huis?", "nl"),
        ("Wann ist die Miete zu zahlen und von wem?", "de"),
        ("Quanto costa il biglietto per la partita?", "it"),
        ("Quand est-ce que le bail se termine et pour qui?", "fr"),
    ],
)
def test_small_words_tell_a_language(question: str, language: str) -> None:
    assert language_of(question) == language
