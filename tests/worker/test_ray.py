"""Slots that Ray places on two machines of a cluster; an actor, a machine and the whole cluster are killed."""

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.runs.store import RunStore
from tests.postgres import place_of
from tests.worker.harness import Journal, Slots, enqueue, late, load, wait, write_project
from tests.worker.network import HUB, REASON, Network, can_be_made

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(1200)]
INPUTS = [{"topic": f"t{number}", "marks": 12, "seconds": 0.25} for number in range(8)]
SMALL = ("--include-dashboard=false", "--disable-usage-stats", "--object-store-memory=80000000")


class Cluster:
    """A head that carries no slot, and two machines for one slot each. Ray listens on every address there is: here on those of a
    network name space."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.folder = folder
        self.network = network
        said = self._ray("start", "--head", "--port=0", "--num-cpus=0", *SMALL, f"--temp-dir={folder}")
        self.address = re.findall(rf"{re.escape(HUB)}:\d+", said)[0]
        for _ in range(2):
            self._ray("start", f"--address={self.address}", "--num-cpus=1", *SMALL[1:])

    def raylets(self) -> list[psutil.Process]:
        """The head's first."""
        found = [process for process in self.processes() if process.name() == "raylet"]
        return sorted(found, key=lambda process: process.create_time())

    def actors(self) -> list[psutil.Process]:
        children = [child for raylet in self.raylets() for child in raylet.children(recursive=True)]
        return [child for child in children if "SlotHost" in " ".join(child.cmdline())]

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if any(str(self.folder) in word for word in process.cmdline()):
                    found.append(process)
        return found

    def stop(self) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _ray(self, *words: str) -> str:
        ray = [sys.executable, "-m", "ray.scripts.scripts"]
        command = [*self.network.inside, *ray, *words, f"--node-ip-address={HUB}"]
        for _ in range(4):  # Ray gives up after 30 s on a busy machine
            done = subprocess.run(command, text=True, capture_output=True, check=False)
            if done.returncode == 0:
                return done.stdout
        raise AssertionError(done.stdout + done.stderr)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    if not can_be_made():
        pytest.skip(REASON)
    temporary = tempfile.TemporaryDirectory(prefix="af-ray-", dir="/tmp", ignore_cleanup_errors=True)
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    with temporary as folder, Network() as network:
        made = Cluster(Path(folder), network)
        monkeypatch.setenv("RAY_ADDRESS", made.address)
        yield made
        made.stop()


class Worker:
    """`agentflow worker --on ray`; what it tells lies in worker.jsonl."""

    def __init__(self, root: Path, network: Network) -> None:
        self.log = root / "worker.jsonl"
        words = f"worker --on ray --slots 2 --lease 10 --grace 0 --json --project {root}"
        with self.log.open("ab") as file:
            command = [*network.inside, sys.executable, "-m", "agentflow", *words.split()]
            self.process = subprocess.Popen(command, stdout=file)

    def told(self, what: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["said"] == what]


def outputs(root: Path) -> dict[str, Any]:
    with closing(RunStore(place_of(root))) as store:
        return {run.inputs["topic"]: (run.status, run.output) for run in store.list()}


def test_runs_on_ray_come_to_the_same_though_an_actor_a_machine_and_the_cluster_are_killed(
    cluster: Cluster, tmp_path: Path
) -> None:
    here, there = write_project(tmp_path / "here"), write_project(tmp_path / "there")
    enqueue(here, INPUTS)
    with Slots(here, until_empty=True) as slots:
        os.waitpid(slots.start(), 0)
        slots.pids.clear()

    runs, journal = enqueue(there, INPUTS[:4], attempts=20), Journal(there)
    worker = Worker(there, cluster.network)
    wait(lambda: len(worker.told("claimed")) >= 2)
    journal.look(runs)
    cluster.actors()[0].kill()
    wait(lambda: len(worker.told("gone")) >= 1)
    journal.look(runs)
    cluster.raylets()[-1].kill()
    wait(lambda: len(worker.told("gone")) >= 2)
    last = enqueue(there, INPUTS[4:], attempts=20)
    wait(lambda: any(told["run"] in last for told in worker.told("claimed")))
    journal.look([*runs, *last])
    cluster.stop()
    wait(lambda: worker.process.poll() is not None)
    assert not all(load(there, run).finished for run in last), "the cluster is lost in the middle of the work"

    with Slots(there, until_empty=True) as slots:  # whatever is lost of Ray, another worker goes on
        os.waitpid(slots.start(), 0)
        slots.pids.clear()
    assert outputs(there) == outputs(here) and {status for status, _ in outputs(there).values()} == {"answered"}
    assert journal.known and journal.repeated() == [] and late(there, [*runs, *last]) == []


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    done = CliRunner().invoke(app, ["worker", "--on", "ray", "--project", str(write_project(tmp_path))])
    assert "no Ray cluster answers at 127.0.0.1:1" in str(done.exception)
