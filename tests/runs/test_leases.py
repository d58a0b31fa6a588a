"""R9: one owner per run, dead owners are inherited from, late writers are refused."""

import asyncio
import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.errors import Held, LeaseLost
from agentflow.runs.leases import acquire, state_of, this_process
from agentflow.runs.store import RunStore
from agentflow.testing import ScriptedModels
from tests.crash.harness import Victim, write_towers
from tests.postgres import place_of

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    store = RunStore(place_of(tmp_path))
    store.create("steps", source="steps.py", sha256="", inputs={}, models={}, limits={}, id="r")
    return store


def own(store: RunStore, **changes: object) -> None:
    owner = json.dumps({**this_process(), **changes})
    store.database.execute("UPDATE runs SET owner = ? WHERE id = 'r'", [owner])


def test_a_second_owner_is_refused_with_the_holders_pid_and_host(store: RunStore) -> None:
    acquire(store, "r")
    with pytest.raises(Held, match=rf"process {os.getpid()} on {socket.gethostname()}"):
        acquire(store, "r")


def test_a_released_run_may_be_taken(store: RunStore) -> None:
    acquire(store, "r").release()
    assert acquire(store, "r").fence == 2


def test_a_dead_owner_is_inherited_from(store: RunStore) -> None:
    with subprocess.Popen(["true"]) as dead:
        pass
    own(store, pid=dead.pid)
    assert state_of(store.load("r")) == "interrupted"
    assert acquire(store, "r").fence == 1


def test_a_pid_that_was_used_again_is_not_the_owner(store: RunStore) -> None:
    own(store, started=this_process()["started"] - 1000)
    acquire(store, "r")


def test_an_owner_on_another_host_holds_until_it_is_silent(store: RunStore) -> None:
    own(store, host="elsewhere")
    store.database.execute(f"UPDATE runs SET beat = {store.database.now} WHERE id = 'r'")
    with pytest.raises(Held, match="elsewhere"):
        acquire(store, "r")
    store.database.execute(f"UPDATE runs SET beat = {store.database.now} - 3600 WHERE id = 'r'")
    acquire(store, "r")


def test_a_late_writer_is_refused(store: RunStore) -> None:
    """As a process that was stopped (SIGSTOP) for so long that another took over."""
    first = acquire(store, "r")
    own(store, started=0)
    acquire(store, "r")
    with store.write(), pytest.raises(LeaseLost):
        first.check()


async def test_a_run_that_was_taken_over_is_left_to_its_new_owner(project: Project) -> None:
    def reply(request: object) -> str:
        if "sum up" in str(request):
            engine.store.database.execute("UPDATE runs SET fence = fence + 1")
        return "fine"

    async with Engine(project, pool=ScriptedModels(reply)) as engine:
        with pytest.raises(LeaseLost):
            await engine.run("steps", {}, run_id="r")
        run = engine.store.load("r")
        assert run.status == "running" and run.output == {}


def test_two_processes_cannot_carry_one_run(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    victim = Victim(root, "shared", seconds=0.3)
    pid = victim.start()
    try:
        store = RunStore(place_of(root))
        while not any(run.owner for run in store.list()):
            time.sleep(0.01)
        store.close()

        async def second() -> None:
            async with Engine(Project(root), pool=ScriptedModels(str)) as engine:
                await engine.resume("shared")

        with pytest.raises(Held, match=str(pid)):
            asyncio.run(second())
    finally:
        os.waitpid(pid, 0)
    assert victim.outcome()[0] == "answered"


def test_another_process_may_ask_for_a_pause(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    victim = Victim(root, "shared", seconds=0.5)
    pid = victim.start()
    store = RunStore(place_of(root))
    while not any(run.owner for run in store.list()):
        time.sleep(0.01)
    store.ask("shared", "pause")
    os.waitpid(pid, 0)
    run = store.load("shared")
    assert (run.status, run.message, run.owner) == ("paused", "paused on request", {})
    store.close()
    victim.carry_on()
    assert victim.outcome()[0] == "answered"
