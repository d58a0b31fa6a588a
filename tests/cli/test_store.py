"""Runs moved from the project's file to Postgres and back."""

import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app
from agentflow.cli.store import copy_store
from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.runs.event_log import read
from agentflow.runs.leases import acquire
from agentflow.runs.replay import replay
from agentflow.runs.store import RunStore
from agentflow.runs.verify import verify
from agentflow.storage.place import VARIABLE
from agentflow.testing import ScriptedModels
from tests.crash.harness import write_towers
from tests.postgres import Server
from tests.runs.conftest import echo, write_project

pytestmark = pytest.mark.postgres


@pytest.fixture
async def root(tmp_path: Path) -> Path:
    """A project with one run that has ended and one that stopped before its last step."""
    write_project(tmp_path)

    def reply(request: object) -> str:
        if "sum up" in str(request) and "lakes" in str(request):
            raise MemoryError
        return echo(request)  # type: ignore[arg-type]

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.run("steps", {"topic": "rivers " * 300}, run_id="ended")
        await engine.run("steps", {"topic": "lakes"}, run_id="stopped")
    return tmp_path


async def test_a_run_goes_on_where_it_was_copied_to_and_comes_back(
    root: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, url = root / ".agentflow" / "agentflow.db", postgres.url()
    assert copy_store(file, url)["runs"] == 2
    monkeypatch.setenv(VARIABLE, url)
    async with Engine(Project(root), pool=ScriptedModels(echo)) as engine:
        assert (await engine.resume("stopped")).status == "answered"
        assert (await replay(engine, "ended")).identical
        assert (await engine.run("steps", {}, run_id="new")).status == "answered"
        numbers = [entry.seq for run in ("ended", "stopped", "new") for entry in read(engine.store, run)]
    assert len(numbers) == len(set(numbers))
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(AgentflowError, match="agentflow.db holds runs, calls, .* already"):
        copy_store(url, file)
    assert copy_store(url, file, replace=True)["runs"] == 3
    async with Engine(Project(root), pool=ScriptedModels(echo)) as engine:
        assert [run.id for run in engine.store.list()] == ["new", "stopped", "ended"]
        assert all(verify(engine.store, run.id) == [] for run in engine.store.list())
        assert (await replay(engine, "stopped")).identical


def test_the_commands_of_the_page_in_order(tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of docs/postgres.md, with another URL."""
    page = (bundled.ROOT / "docs" / "postgres.md").read_text("utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    project, url = tmp_path / "project", postgres.url()
    monkeypatch.chdir(write_towers(project))

    def run(line: str) -> str:
        done = CliRunner().invoke(app, shlex.split(line.replace("postgresql://ann@db.example/research", url))[1:])
        assert done.exit_code == 0 or "doctor" in line, (line, done.output)
        return done.output

    ours = [line for line in lines if line.startswith("agentflow") and " worker " not in line]
    assert [line.split()[1] for line in ours] == ["store", "doctor", "enqueue", "runs", "store"]
    run("agentflow enqueue 'An older question?'")
    assert "1 runs" in run(ours[0])
    monkeypatch.setenv(VARIABLE, url)
    assert "is whole" in run(ours[1])
    run(ours[2])
    assert run(ours[3]).count("queued") == 2
    assert "2 runs" in run(ours[4])
    monkeypatch.delenv(VARIABLE)
    assert run(ours[3]).count("queued") == 2


def test_a_damaged_run_is_named_and_nothing_is_copied(root: Path, postgres: Server) -> None:
    file, url = root / ".agentflow" / "agentflow.db", postgres.url()
    with closing(RunStore(file)) as store:
        key, data = store.database.execute("SELECT key, request FROM calls WHERE run = 'ended'").fetchone()
        store.database.execute("UPDATE calls SET request = ? WHERE key = ?", [data[:-1] + bytes([data[-1] ^ 1]), key])
    with pytest.raises(AgentflowError, match="run ended is damaged"):
        copy_store(file, url)
    with closing(RunStore(url)) as store:
        assert store.list() == []


def test_a_run_that_is_carried_is_not_copied(root: Path, postgres: Server) -> None:
    file = root / ".agentflow" / "agentflow.db"
    with closing(RunStore(file)) as store:
        lease = acquire(store, "stopped")
        store.settle("stopped", store.load("stopped").status.RUNNING)
        with pytest.raises(AgentflowError, match="run stopped is being carried"):
            copy_store(file, postgres.url())
        lease.release()
