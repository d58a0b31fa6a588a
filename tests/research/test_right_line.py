"""An answer from the wrong line gives way to the line that says by its words that it is the one."""

from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from tests.research.asking import asked

PAGES = {
    "fridge.md": "# Fridge\n\nModel: KX-340\nBought: 2022-06-11\nSerial number: 88-1203-77\n",
    "house.md": "# House\n\n- 2023-03-14: boiler serviced by Warmtec, 145 euros\n- 2023-09-02: roof mended, 2,480 euros\n"
    "- 2024-03-20: boiler serviced by Warmtec, 152 euros\n",
    "cake.md": "# Apple cake\n\n- 3 eggs\n- 200 g butter\n- 4 apples\n\nBake for 50 minutes.\n",
}

TIMELINE = (
    "# Incident 4711\n\n- 13:05 the error rate rises\n- 13:48 the rollback begins\n- 14:20 all is back to normal\n\n"
    "## Actions\n\n- Restore the pool size (Victor Stein)\n- Add an alert on the length of queues (Lena Fuchs)\n"
)


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("What is the model number of the fridge?", "88-1203-77", "KX-340"),
        ("When was the boiler last serviced?", "2023-03-14", "2024-03-20: boiler serviced by Warmtec, 152 euros"),
        ("When was the boiler serviced in 2023?", "2023-03-14", "2023-03-14"),
        ("How many eggs does the apple cake need?", "4 apples", "3 eggs"),
        ("How many apples does the apple cake need?", "4 apples", "4 apples"),
        ("How much did the roof cost?", "2,480 euros", "2,480 euros"),
    ],
)
async def test_the_line_that_says_what_is_asked(tmp_path: Path, question: str, said: str, answer: str) -> None:
    outcome, _ = await asked(tmp_path, PAGES, question, said)
    assert outcome.output["answer"] == answer


async def test_no_amount_is_a_date(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, "How much did the roof cost?", "2023-09-02")
    assert outcome.status is RunStatus.INSUFFICIENT


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("When did the rollback begin?", "14:20", "13:48 the rollback begins"),
        ("Who adds an alert?", "Victor Stein", "Add an alert on the length of queues (Lena Fuchs)"),
        ("When did the error rate rise?", "13:05", "13:05"),
    ],
)
async def test_the_entry_of_a_list_that_says_what_is_asked(
    tmp_path: Path, question: str, said: str, answer: str
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "incident.md").write_text(TIMELINE)
    models = ScriptedModels(lambda _: {"answer": said, "sentence": 1}, abilities=())
    async with Engine(Project(tmp_path), pool=models) as engine:
        await engine.ingest([tmp_path / "docs"])
        outcome = await engine.run("research", {"question": question, "depth": "quick"})
    assert outcome.output["answer"] == answer
