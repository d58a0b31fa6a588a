"""How two things differ: a sentence of each."""

from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.forms.difference import sides
from agentflow.testing import ScriptedModels

PAGE = """# The bell tower

Whoever rings has to know the ropes.

## Signals

- `toll`: the doors are shut at once.
- `peal`: the doors are shut once everybody has left.
- `chime`: the lamps are lit.

## Do I want a ladder or a stair?

A ladder leads to the bells. It is narrow. A stair leads to the loft alone.
"""


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("What is the difference between the TOLL and the PEAL signal?", ["toll"], ["peal"]),
        ("What is the difference between a red lamp and a green lamp?", ["red"], ["green"]),
        ("How does a ladder differ from a stair?", ["ladder"], ["stair"]),
    ],
)
def test_the_words_that_tell_two_things_apart(question: str, one: list[str], other: list[str]) -> None:
    assert sides(question) == (one, other)


def test_no_two_things() -> None:
    assert sides("What is different in the tower?") is None


async def told(root: Path, question: str) -> str:
    (root / "docs").mkdir()
    (root / "docs" / "tower.md").write_text(PAGE, "utf-8")
    models = ScriptedModels(lambda _: {"answer": "the ropes", "sentence": 1, "claims": []})
    async with Engine(Project(root), pool=models) as engine:
        await engine.ingest([root / "docs"])
        outcome = await engine.run("research", {"question": question, "depth": "quick"})
    return str(outcome.output["answer"])


async def test_a_line_of_each_answers(tmp_path: Path) -> None:
    question = "What is the difference between the toll and the peal signal?"
    assert await told(tmp_path, question) == (
        "- `toll`: the doors are shut at once.\n- `peal`: the doors are shut once everybody has left."
    )


async def test_sentences_of_one_paragraph(tmp_path: Path) -> None:
    question = "What is the difference between a ladder and a stair?"
    assert await told(tmp_path, question) == "- A ladder leads to the bells.\n- A stair leads to the loft alone."
