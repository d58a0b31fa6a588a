"""Which documents speak of something."""

from pathlib import Path

import pytest

from tests.research.asking import asked

PAGES = {
    "papers/abara.md": "# Abara 2019\n\nThe method was camera traps, four on each farm. Badgers were counted.\n",
    "papers/brandt.md": "# Brandt 2016\n\nBeetles were caught in pitfall traps. No camera traps were set.\n",
    "papers/fuji.md": "# Fujimori 2018: hedgehogs with tags\n\nEach animal carried a tag of nine grams.\n",
    "log.csv": "date,method\n2024-05-01,camera traps\n2024-05-02,tunnel\n",
}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which of the papers used camera traps?", "Abara 2019"),
        ("which of the papers i read used traps?", "Abara 2019; Brandt 2016"),
        ("Which papers are about hedgehogs?", "Fujimori 2018: hedgehogs with tags"),
        ("Which paper mentions badgers?", "Abara 2019"),
    ],
)
async def test_documents_are_named_with_a_sentence_of_each(question: str, answer: str, tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, PAGES, question, "none")
    assert (set(outcome.output["answer"].split("; ")), prompts) == (set(answer.split("; ")), 0)
    assert outcome.output["evidence"]


@pytest.mark.parametrize(
    "question", ["Which papers used GPS collars?", "Which papers did not use camera traps?", "Which paper is it?"]
)
async def test_no_document_is_named_that_does_not_say_so(question: str, tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, question, "")
    assert "2019" not in outcome.output["answer"] and "2016" not in outcome.output["answer"]
