"""R10: many processes work on runs of one database. None is told that it is locked, and writes stay quick."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.runs.store import RunStore
from agentflow.runs.verify import verify
from tests.crash.harness import Victim, write_towers
from tests.postgres import place_of

pytestmark = pytest.mark.usefixtures("each_database")


class Busy(Victim):
    """Runs after runs for so many seconds; every transaction's time is written down."""

    def __init__(self, root: Path, run: str, *, lasting: float, **options: Any) -> None:
        super().__init__(root, run, **options)
        self.lasting = lasting
        self.times = root / f"times-{run}.txt"

    async def work(self, answer: Any = None) -> Outcome:
        write, until, number = RunStore.write, time.monotonic() + self.lasting, 0
        with self.times.open("w") as times:

            @contextmanager
            def timed(store: RunStore) -> Iterator[None]:
                started = time.monotonic()
                with write(store):
                    yield
                times.write(f"{time.monotonic() - started}\n")

            RunStore.write = timed  # type: ignore[method-assign, assignment]
            async with Engine(Project(self.root), pool=self.models()) as engine:
                while True:
                    outcome = await engine.run(self.graph, self.inputs, run_id=f"{self.run}-{number}")
                    number += 1
                    if time.monotonic() > until:
                        return outcome


def many_writers(root: Path, count: int, seconds: float) -> tuple[int, list[float]]:
    """(runs, seconds of each transaction). Raises AssertionError when a process failed or a run is not whole."""
    busy = [Busy(root, f"busy-{number}", lasting=seconds, seconds=0.2) for number in range(count)]
    pids = [victim.start() for victim in busy]
    statuses = [os.waitpid(pid, 0)[1] for pid in pids]
    failures = [path.read_text() for path in root.glob("error-*.txt")]
    assert statuses == [0] * count, failures
    store = RunStore(place_of(root), create=False)
    runs = store.list(limit=100_000)
    assert {run.status for run in runs} == {"answered"}
    assert store.database.faults() == [] and all(verify(store, run.id) == [] for run in runs)
    store.close()
    return len(runs), [float(line) for victim in busy for line in victim.times.read_text().split()]


def test_four_processes_share_one_database(tmp_path: Path) -> None:
    runs, _ = many_writers(write_towers(tmp_path / "towers"), 4, 0.5)
    assert runs >= 4


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seconds", [300.0])
def test_sixteen_processes_for_five_minutes(tmp_path: Path, seconds: float) -> None:
    runs, times = many_writers(write_towers(tmp_path / "towers"), 16, seconds)
    p50, p99, worst = (float(np.percentile(times, place)) * 1e3 for place in (50, 99, 100))
    print(f"\n{runs} runs, {len(times)} transactions: p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {worst:.0f} ms")
    assert p50 < 25, "how long the slowest wait depends on who else wants the processors"
