"""The verbs at the command line, on runs made beforehand."""

import asyncio
import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentflow.cli import app
from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.runs.conftest import echo, write_project


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli")
    write_project(root)

    async def two() -> None:
        async with Engine(Project(root), pool=ScriptedModels(echo)) as engine:
            await engine.run("steps", {"topic": "lakes"}, run_id="first")
            await engine.run("steps", {"topic": "seas"}, run_id="second")

    asyncio.run(two())
    return root


def agentflow(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--project", str(root)], catch_exceptions=False)


def test_list_shows_the_newest_first(root: Path) -> None:
    shown = agentflow(root, "runs", "list").output
    assert shown.index("second") < shown.index("first") and "answered" in shown
    assert [run["id"] for run in json.loads(agentflow(root, "runs", "list", "--json").output)] == ["second", "first"]


def test_list_refuses_a_status_that_there_is_not(root: Path) -> None:
    with pytest.raises(AgentflowError, match="no status 'zz'"):
        agentflow(root, "runs", "list", "--status", "zz")
    assert "second" in agentflow(root, "runs", "list", "--status", "answered").output


def test_show_tells_steps_and_cost(root: Path) -> None:
    facts = json.loads(agentflow(root, "runs", "show", "first", "--json").output)
    assert [step["id"] for step in facts["steps"]] == [
        "001-plan",
        "002-look.0",
        "002-look.1",
        "002-look.2",
        "003-write",
    ]
    assert facts["usage"]["calls"] == 5 and facts["state"] == "answered"
    assert "002-look.1" in agentflow(root, "runs", "show", "first").output


def test_show_tells_what_a_waiting_run_asks_and_how_to_answer(tmp_path: Path) -> None:
    write_project(tmp_path)
    path = tmp_path / "w.yaml"
    path.write_text(
        "description: d\nnodes:\n  ask: {kind: approve, message: Go?}\noutput: {yes: '{{ ask.approved }}'}\n"
    )

    async def wait() -> None:
        async with Engine(Project(tmp_path), pool=ScriptedModels(echo)) as engine:
            await engine.run(str(path), {}, run_id="waiting")

    asyncio.run(wait())
    shown = agentflow(tmp_path, "runs", "show", "waiting").output
    assert '"message": "Go?"' in shown and "go on with" not in shown
    command = shlex.split(shown.split("answer with: agentflow ")[1])
    done = agentflow(tmp_path, *command, "--json")
    assert done.exit_code == 0 and '"yes": true' in done.output


def test_watch_tells_a_finished_run_and_ends(root: Path) -> None:
    lines = agentflow(root, "runs", "watch", "first").output.splitlines()
    assert lines[0] == "started: steps" and lines[-1].startswith("answered after")


def test_diff_ends_with_one_when_runs_say_different_things(root: Path) -> None:
    assert agentflow(root, "runs", "diff", "first", "second").exit_code == 1
    assert agentflow(root, "runs", "diff", "first", "first").exit_code == 0


def test_verify_and_gc(root: Path) -> None:
    assert json.loads(agentflow(root, "runs", "verify", "--json").output) == {"checked": 2, "damaged": {}}
    assert json.loads(agentflow(root, "runs", "gc", "--keep", "1", "--dry-run", "--json").output)["runs"] == ["first"]


def test_export_writes_a_file(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    assert agentflow(root, "runs", "export", "first", "--format", "json", "--out", str(out)).exit_code == 0
    assert json.loads(out.read_text())["run"] == "first"


def test_resuming_a_finished_run_prints_its_outcome(root: Path) -> None:
    result = agentflow(root, "resume", "first", "--json")
    assert result.exit_code == 0 and '"status": "answered"' in result.output


def test_doctor_finds_a_healthy_database(root: Path) -> None:
    report = json.loads(agentflow(root, "doctor", "--json").output)
    states = {finding["about"]: finding["state"] for finding in report["findings"]}
    assert states["database"] == states["runs"] == "ok"
