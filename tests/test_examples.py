"""The examples do what they say: the project's with scripted models, the two scripts on real servers."""

import json
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow import Engine, Project, Request, ScriptedModels, ToolFailed, bundled, ingest
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.layout import Choices
from agentflow.graphs import check_file
from tests.serving.command import KEY, served

EXAMPLES = bundled.ROOT / "examples"


def reply(request: Request) -> Any:
    known = {"headline": "Last ferry at 19:40", "answer": "18:10"}
    return {name: known[name] for name in (request.schema or {})["properties"]}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLES / "project", folder, ignore=shutil.ignore_patterns(".agentflow", "__pycache__"))
    return Project(folder)


def opened(project: Project, pool: ScriptedModels) -> Engine:
    return Engine(project, pool=pool)


def test_the_tool_computes_and_refuses(project: Project) -> None:
    walking_time = project.load("tools", "walking_time").walking_time
    assert walking_time(6, pause_minutes=10) == {"minutes": 90}
    with pytest.raises(ToolFailed, match="no walk for one day"):
        walking_time(100)


async def test_the_graph_and_the_workflow_end_with_their_output(project: Project) -> None:
    assert check_file(project, project.root / "graphs" / "briefing.yaml") == []
    async with opened(project, pool := ScriptedModels(reply)) as engine:
        await ingest(engine.corpus, [project.root / "notes"], embedder=None)
        headline = await engine.run("headline", {"topic": "the ferry"})
        briefing = await engine.run("briefing", {"questions": ["When does the last ferry leave?"]})
    assert headline.output == {"headline": "Last ferry at 19:40"}
    assert "The last ferry leaves at 19:40" in pool.asked[0].messages[-1].content
    assert briefing.status == "done" and "last ferry" in briefing.output["rows"][0]["quote"]
    tables = list(project.state.rglob("briefing.csv"))
    assert "The last ferry leaves at 19:40" in tables[0].read_text("utf-8")


async def test_the_suite_is_scored_by_the_scorer_of_the_project(project: Project) -> None:
    choices = Choices(embed=False)
    done = await evaluate(
        project, "ferries", choices, open_engine=lambda place, _: opened(place, ScriptedModels(reply))
    )
    scores = {record.case: record.scores for record in done.results()}
    assert [scores[case]["f1"] for case in ("last", "crossing", "path")] == [1.0, 0.0, 0.0]
    assert all(each["short"] == 1.0 for each in scores.values())


@pytest.fixture
def run_script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Of a script what it prints, in a folder and with these variables."""

    def run(name: str, *arguments: str, folder: Path, **variables: str) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_a_folder_is_asked(project: Project, run_script: Callable[..., str]) -> None:
    """By the tests' tiny model: what it says is not looked at, only that a run came to its end."""
    said = run_script("ask_folder.py", "When does the last ferry leave?", "notes", folder=project.root)
    assert said.startswith(("answered - ", "insufficient - "))


def test_an_openai_client_gets_json_from_the_server(tmp_path: Path, run_script: Callable[..., str]) -> None:
    with served(tmp_path) as url:
        said = run_script("openai_client.py", folder=tmp_path, OPENAI_BASE_URL=f"{url}/v1", OPENAI_API_KEY=KEY)
    assert isinstance(json.loads(said)["capital"], str)
