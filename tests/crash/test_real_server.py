"""R1-R4 with the starter model on the real embedded server.

Its answers differ in a last digit from run to run (a batch's composition changes the order of sums), so an undisturbed
run is no measure. The measure is the run's own record: replayed without a model, it must give the same report.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.replay import replay
from agentflow.runs.verify import verify
from tests.crash.harness import Tally, Victim
from tests.crash.real import RealPlainVictim, RealVictim, write_served_towers
from tests.crash.test_commit_boundaries import die_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]
KILLS = 20


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield write_served_towers(tmp_path / "towers")


def length(victim: Victim) -> float:
    """Seconds of an undisturbed run, the server being there."""
    victim.carry_on()
    victim, started = type(victim)(victim.root, f"{victim.run}-timed"), time.monotonic()
    victim.carry_on()
    return time.monotonic() - started


async def whole_and_reproducible(root: Path, name: str) -> bool:
    async with Engine(Project(root)) as engine:
        runs = [run for run in engine.store.list(limit=1000) if run.id.startswith(name)]
        assert runs and all(verify(engine.store, run.id) == [] for run in runs)
        return all([(await replay(engine, run.id)).same_output for run in runs])


@pytest.mark.parametrize("kind", [RealVictim, RealPlainVictim], ids=["agentflow", "plain LangGraph"])
def test_random_kills(root: Path, kind: type[Victim]) -> None:
    longest, dice, tally = length(kind(root, "undisturbed")), random.Random(1), Tally()
    while tally.kills < KILLS:
        kind(root, f"killed-{tally.runs}").finish(
            tally, lambda number: dice.uniform(0.1, longest) if number < 3 else None
        )
    print(f"\n{kind.__name__}: {tally.kills} kills, {tally.finished}/{tally.runs} finished, {tally.asked} requests sent; "
          f"answered and sent again {tally.lost} ({tally.lost / tally.kills:.2f} a kill), journaled and sent again "
          f"{tally.again}")  # fmt: skip
    assert tally.finished == tally.runs and tally.again == 0
    if kind is RealVictim:
        assert asyncio.run(whole_and_reproducible(root, "killed"))


def test_some_commit_boundaries(root: Path) -> None:
    victim = RealVictim(root, "undisturbed")
    victim.carry_on()
    kills = 0
    for commit in range(3, 60, 7):
        victim = RealVictim(root, f"commit-{commit}")
        if victim.carry_on(die_at(commit, after=bool(commit % 2))):
            break
        kills += 1
        known, asked = victim.journaled(), len(victim.asked())
        assert victim.carry_on() and victim.outcome()[0] in ("answered", "insufficient")
        assert not [item for item in victim.asked()[asked:] if item in known]
    print(f"\n{kills} kills at commit boundaries")
    assert kills >= 4 and asyncio.run(whole_and_reproducible(root, "commit"))


def test_a_server_that_is_killed_is_started_again_or_pauses_the_run(root: Path) -> None:
    RealVictim(root, "first").carry_on()
    victim = RealVictim(root, "served")
    pid = victim.start()
    while len(victim.asked()) < 20:
        time.sleep(0.01)
    servers = [item for item in psutil.process_iter(["cmdline"]) if is_ours(item, root)]
    for server in servers:
        os.kill(server.pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    status = victim.outcome()[0]
    print(f"\n{len(servers)} servers killed: the run is {status}")
    if status == "paused":
        victim.carry_on()
    assert servers and victim.outcome()[0] == "answered"


def is_ours(process: psutil.Process, root: Path) -> bool:
    """A server that this test's project started."""
    try:
        return "agentflow.serving" in (process.info["cmdline"] or []) and process.environ().get("TOWERS") == str(root)
    except psutil.Error:
        return False
