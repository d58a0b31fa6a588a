"""A run's models are measured before its first node, and what was measured decides what it leaves to them."""

from pathlib import Path
from typing import Any

import pytest

from agentflow import engine as module
from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels

QUESTION = "What do the documents say about the tower?"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tower.md").write_text("# Tower\n\nThe tower is 31 metres high.\nIts bell is old.\n")
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


async def prompts_of(project: Project, pool: ScriptedModels) -> list[str]:
    async with Engine(project, pool=pool) as engine:
        await engine.ingest([project.root / "docs"])
        await engine.run("research", {"question": QUESTION, "rounds": 0})
    return [request.messages[0].content.split(" ")[0] for request in pool.asked]


def reply(request: Request) -> Any:
    if "questions" in (request.schema or {}).get("properties", {}):
        return {"questions": ["How high is the tower?"]}
    return {"answer": "", "sentence": 0}


async def test_a_run_is_measured_before_its_first_node(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[str, str]] = []
    pool = ScriptedModels(reply, abilities=())

    async def ensure(models: Any, roles: dict[str, str], sink: Any) -> None:
        assert models is pool and not pool.asked
        heard.append(roles)

    monkeypatch.setattr(module, "ensure", ensure)
    await prompts_of(project, pool)
    assert [roles["reader"] for roles in heard] == ["scripted"]


async def test_each_ability_leaves_one_thing_to_the_model(project: Project) -> None:
    assert "Split" not in await prompts_of(project, ScriptedModels(reply, abilities=()))
    assert "Split" in await prompts_of(project, ScriptedModels(reply, abilities=("plan",)))
    worded = ScriptedModels(
        lambda request: {"claims": []} if request.messages[0].content.startswith("Write") else reply(request),
        abilities=("word",),
    )
    assert "Write" in await prompts_of(project, worded)
