"""Workers that are killed, stopped, ended and given bad runs: nothing is lost, nothing journaled is done again."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.runs.store import RunStore
from agentflow.runs.verify import verify
from agentflow.worker.config import WorkerConfig
from agentflow.worker.slot_process import LocalSlot
from agentflow.worker.supervisor import Supervisor
from tests.postgres import place_of
from tests.worker.harness import Journal, Slots, enqueue, freeze, late, load, marks, wait, write_project

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def ended(root: Path, runs: list[str]) -> Callable[[], bool]:
    return lambda: all(load(root, run).finished for run in runs)


def whole(root: Path, runs: list[str]) -> None:
    """Every run answered, its rows as they were written, its owners one after the other."""
    assert {load(root, run).status for run in runs} == {"answered"}
    catalog = RunStore(place_of(root), create=False)
    assert [fault for run in runs for fault in verify(catalog, run)] == []
    catalog.close()
    assert late(root, runs) == []


def test_two_slots_share_the_queue(root: Path) -> None:
    runs = enqueue(root, [{"topic": f"t{n}"} for n in range(6)])
    with Slots(root, until_empty=True) as slots:
        for pid in (slots.start(), slots.start()):
            assert os.waitpid(pid, 0)[1] == 0
        slots.pids.clear()
        whole(root, runs)
        assert sorted(told["run"] for told in slots.told("claimed")) == sorted(runs)


def test_a_killed_workers_run_is_taken_over(root: Path) -> None:
    [run], journal = enqueue(root, [{"marks": 6, "seconds": 0.1}]), Journal(root)
    with Slots(root) as slots:
        first = slots.start()
        wait(lambda: len(marks(root)) >= 2)
        journal.look([run])
        os.kill(first, signal.SIGKILL)
        slots.start()
        wait(ended(root, [run]), meanwhile=slots.reap)
        whole(root, [run])
    assert journal.known and journal.repeated() == []
    assert load(root, run).attempts == 2


def test_a_worker_that_wakes_late_can_no_longer_write(root: Path) -> None:
    [run], journal = enqueue(root, [{"marks": 8, "seconds": 0.2}]), Journal(root)
    with Slots(root, lease=1.0) as slots:
        first = slots.start()
        wait(lambda: len(marks(root)) >= 2)
        freeze(root, first)
        journal.look([run])
        slots.start()
        wait(lambda: len(slots.told("claimed")) == 2)
        os.kill(first, signal.SIGCONT)
        wait(ended(root, [run]))
        wait(lambda: bool(slots.told("lost") or slots.told("hung")))  # refused, or ended by its own watch
        whole(root, [run])
    assert journal.known and journal.repeated() == []


def test_sigterm_gives_back_what_is_not_done(root: Path) -> None:
    [run] = enqueue(root, [{"marks": 3, "seconds": 0.3}])
    with Slots(root, grace=0.0) as slots:
        first = slots.start()
        wait(lambda: bool(marks(root)))
        os.kill(first, signal.SIGTERM)
        assert os.waitpid(first, 0)[1] == 0
        slots.pids.remove(first)
        given = load(root, run)
        assert (given.status, given.attempts, given.owner) == ("queued", 0, {})
        slots.start()
        wait(ended(root, [run]))
        whole(root, [run])


def test_sigterm_lets_a_run_end_within_the_grace(root: Path) -> None:
    runs = enqueue(root, [{"marks": 2, "seconds": 0.2}, {}])
    with Slots(root, grace=30.0) as slots:
        first = slots.start()
        wait(lambda: bool(marks(root)))
        os.kill(first, signal.SIGTERM)
        assert os.waitpid(first, 0)[1] == 0
        slots.pids.remove(first)
    assert [load(root, run).status for run in runs] == ["answered", "queued"]


def test_bad_runs_hold_up_no_others(root: Path) -> None:
    bad = enqueue(root, [{"harm": "crash"}, {"harm": "block"}], priority=9, attempts=2)
    good = enqueue(root, [{"topic": f"t{n}"} for n in range(4)])
    with Slots(root, lease=1.0) as slots:
        slots.start()
        slots.start()
        wait(ended(root, bad + good), meanwhile=lambda: slots.reap(start=True))
        whole(root, good)
    crashed, blocked = (load(root, run) for run in bad)
    assert crashed.status == "dead" and "was gone (2 attempts)" in crashed.message
    assert blocked.status == "dead" and "2 attempts" in blocked.message


@pytest.mark.timeout(600)
def test_the_command_carries_the_queue_until_it_is_empty(root: Path) -> None:
    runs = enqueue(root, [{}, {"harm": "crash"}], attempts=1)
    command = [sys.executable, "-m", "agentflow", "worker", "--until-empty", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=550, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [load(root, run).status for run in runs] == ["answered", "dead"]
    assert [line["status"] for line in told if line["said"] == "ended"] == ["answered"]
    assert [line["code"] for line in told if line["said"] == "gone"] == [9]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_runs_twenty_kills_and_stops(root: Path, record_property: Callable[[str, object], None]) -> None:
    dice, journal = random.Random(18), Journal(root)
    runs = enqueue(root, [{"topic": f"t{n}", "seconds": 0.05} for n in range(200)], attempts=20)
    kills = stops = 0
    with Slots(root, lease=1.5) as slots:
        for _ in range(4):
            slots.start()
        wait(lambda: len(slots.told("claimed")) >= 4)
        asleep: dict[int, float] = {}

        def disturb() -> None:
            nonlocal kills, stops
            slots.reap(start=True)
            for pid, until in list(asleep.items()):
                if pid not in slots.pids:  # it was killed and had not ended yet when it was to be stopped
                    del asleep[pid]
                elif time.monotonic() > until:
                    os.kill(pid, signal.SIGCONT)
                    del asleep[pid]
            awake = [pid for pid in slots.pids if pid not in asleep]
            claims = len(slots.told("claimed"))
            if claims >= 6 + 9 * kills and kills < 20 and len(awake) > 1:
                journal.look(runs)
                os.kill(dice.choice(awake), signal.SIGKILL)
                kills += 1
            elif claims >= 20 + 40 * stops and len(awake) > 2:
                pid = dice.choice(awake)
                journal.look(runs)
                os.kill(pid, signal.SIGSTOP)
                asleep[pid] = time.monotonic() + 4.0
                stops += 1

        started = time.monotonic()
        wait(ended(root, runs), 1500, disturb)
        for pid in asleep:
            if pid in slots.pids:
                os.kill(pid, signal.SIGCONT)
        time.sleep(1.0)
        took = sorted(told["claim_ms"] for told in slots.told("claimed"))
        facts = {
            "runs": len(runs), "kills": kills, "stops": stops, "claims": len(took), "seconds": round(time.monotonic() - started, 1),
            "claim p50 ms": took[len(took) // 2], "claim p99 ms": took[int(len(took) * 0.99)],
            "lost leases": len(slots.told("lost")), "marks": len(marks(root)), "journaled at a kill": len(journal.known), "repeated": len(journal.repeated()),
            "late": len(late(root, runs)), "answered": sum(load(root, run).status == "answered" for run in runs),
        }  # fmt: skip
        record_property("queue", json.dumps(facts))
        print(f"\n{facts}")
        whole(root, runs)
    assert kills == 20 and stops >= 3, facts
    assert journal.repeated() == []


async def test_a_line_beyond_all_measure_ends_no_worker(tmp_path: Path) -> None:
    """A library of a tool may write it."""
    code = "import os; [os.write(1, line + b'\\n') for line in (b'x' * 200_000, b'{\"said\": \"ready\"}')]"
    told: list[dict[str, Any]] = []

    async def start(config: WorkerConfig) -> LocalSlot:
        return LocalSlot(
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, start_new_session=True
            )
        )

    await Supervisor(WorkerConfig(project=tmp_path, until_empty=True), 1, told.append, start).run()
    assert told == [{"said": "ready"}]
