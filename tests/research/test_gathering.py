"""What one plain call would read is read, whatever else is read beside it."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels


@pytest.mark.parametrize("k", [4, 8])
async def test_names_in_the_first_passages_push_out_none_of_the_best(tmp_path: Path, k: int) -> None:
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
        return {"answer": "", "sentence": 0, "first": "", "then": ""}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([tmp_path / "docs"])
        question = "Who talked over the lock fee?"
        best = await engine.searcher.search(question, k=k)
        await engine.run("research", {"question": question, "rounds": 0, "k": k})
    assert all(passage.sentences[-1].text in asked[0] for passage in best)
    assert "was born in" in asked[0]
