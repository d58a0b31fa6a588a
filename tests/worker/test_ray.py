"""Slots that Ray places on two machines of a cluster; an actor, a machine and the whole cluster are killed."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.runs.store import RunStore
from tests.postgres import place_of
from tests.worker.harness import Journal, Slots, enqueue, late, load, wait, write_project
from tests.worker.network import Network
from tests.worker.ray_cluster import Cluster

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(1200)]
INPUTS = [{"topic": f"t{number}", "marks": 12, "seconds": 0.25} for number in range(8)]


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
    cluster.actors("SlotHost")[0].kill()
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
