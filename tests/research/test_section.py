"""What changed in a version, and when it came out, by the heading of its section."""

from pathlib import Path

import pytest

from tests.research.asking import asked

OARS = "# Oars, changes\n\n## 1.4.0 (2024-05-06)\n\n- Rowlocks turn both ways.\n- Blades are longer.\n\n## 1.3.10 - 2 May 2023\n\n- First paint.\n"
SAILS = "# Sails, changes\n\n## 1.4.0\n\n- Reefs are dyed.\n"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What changed in oars 1.4.0?", "1.4.0 (2024-05-06):\n- Rowlocks turn both ways.\n- Blades are longer."),
        ("What is new in sails 1.4.0?", "1.4.0:\n- Reefs are dyed."),
        ("When was oars 1.4.0 released?", "2024-05-06"),
        ("When did oars 1.3.10 come out?", "2 May 2023"),
    ],
)
async def test_a_version_is_told_by_its_section(question: str, answer: str, tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, {"oars.md": OARS, "sails.md": SAILS}, question, "paint")
    assert (outcome.output["answer"], prompts) == (answer, 0)
    assert answer.partition("\n")[0].rstrip(":") in outcome.output["evidence"][0]["quote"]


@pytest.mark.parametrize("question", ["What changed in oars 1.3.1?", "When was oars 2.0 released?"])
async def test_the_section_of_another_version_tells_nothing(question: str, tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, {"oars.md": OARS}, question, "")
    assert prompts > 0 and outcome.output["answer"] == ""


LOGBOOK = (
    "# Survey of the pier\n\n## Damages\n\nTwo planks are rotten. The rail is loose.\n\n## Costs\n\nSome 400 crowns.\n"
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which damages has the pier?", "Damages:\n- Two planks are rotten.\n- The rail is loose."),
        ("Which costs has the pier?", ""),  # one sentence is no list
        ("Which damages has the church tower of Wendle?", ""),
    ],
)
async def test_several_things_are_what_stands_under_their_name(question: str, answer: str, tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, {"survey.md": LOGBOOK}, question, "")
    assert outcome.output["answer"] == answer
