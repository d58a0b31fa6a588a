"""What is read of what was found, at first and where that does not tell."""

from pathlib import Path
from typing import Any

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels


async def test_what_gave_way_to_names_is_read_where_these_do_not_tell(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for number in range(8):
        lead = f"# Boat {number}\n\nThe lock fee was talked over by Ida Moss{'' if number else ' and Jonas Vik'}.\n"
        (tmp_path / "docs" / f"boat{number}.md").write_text(lead)
    for name in ("Ida Moss", "Jonas Vik"):
        for year in range(4):
            (tmp_path / "docs" / f"{name[:3]}{year}.md").write_text(f"# Letters {year}\n\n{name} was born in {year}.\n")
    asked: list[str] = []

    def reply(request: Request) -> Any:
        asked.append(request.messages[-1].content)
        return {"answer": "", "sentence": 0, "first": "", "then": "", "search": ["talk of the fee"]}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([tmp_path / "docs"])
        question = "Who talked over the lock fee?"
        best = await engine.searcher.search(question, k=8)
        await engine.run("research", {"question": question})
    read = [
        {passage.path for passage in best if f"Source: {passage.title}\n" in text} for text in asked if question in text
    ]
    assert "was born in" in asked[0] and len(set.union(*read)) == 8


async def test_what_a_change_log_says_is_read_where_the_best_passages_do_not_tell(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 2.1.0\n\nThe leak in the pump was found by Ida Moss.\n"
    )
    for number in range(9):
        (tmp_path / "docs" / f"pump{number}.md").write_text(
            f"# Pump {number}\n\nThe pump may leak at valve {number}.\n"
        )
    asked: list[str] = []

    def reply(request: Request) -> Any:
        asked.append(request.messages[-1].content)
        return {"answer": "", "sentence": 0, "first": "", "then": ""}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([tmp_path / "docs"])
        await engine.run("research", {"question": "Who found the leak in the pump?", "rounds": 1})
    assert "Ida Moss" not in asked[0]
    again = asked[-1]
    assert 0 < again.index("Pump") < again.index("Ida Moss")
