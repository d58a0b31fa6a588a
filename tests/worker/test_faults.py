"""Queued runs on Postgres while workers are killed and stopped and the database itself is killed: nothing is lost."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agentflow.runs.store import RunStore
from agentflow.runs.verify import verify
from agentflow.storage.place import VARIABLE
from tests.postgres import Server, place_of
from tests.worker.harness import Journal, Slots, enqueue, late, marks, wait, write_project

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(3600)]
RUNS = int(os.environ.get("AGENTFLOW_FAULT_RUNS", "1000"))
KILLS, STOPS, CRASHES = RUNS // 20, RUNS // 50, 5
LEASE = 1.5


@pytest.fixture
def root(tmp_path: Path, own_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, own_server.url())
    return write_project(tmp_path)


def count(root: Path, status: str) -> int:
    with closing(RunStore(place_of(root))) as store:
        return int(store.database.execute("SELECT count(*) FROM runs WHERE status = ?", [status]).fetchone()[0])


def carried(root: Path) -> list[str]:
    with closing(RunStore(place_of(root))) as store:
        return [run.id for run in store.list(status="running")]


def claims(slots: Slots) -> list[float]:
    return sorted(told["claim_ms"] for told in slots.told("claimed"))


def told(property: Callable[[str, object], None], facts: dict[str, object]) -> None:
    for name, value in facts.items():
        property(name, value)
    print(facts)


def test_claims_are_quick(root: Path, record_property: Callable[[str, object], None]) -> None:
    enqueue(root, [{"topic": f"t{n}", "seconds": 0.0, "marks": 1} for n in range(RUNS)], most_waiting=RUNS + 1)
    started = time.monotonic()
    with Slots(root, until_empty=True) as slots:
        for pid in [slots.start() for _ in range(4)]:
            assert os.waitpid(pid, 0)[1] == 0
        slots.pids.clear()
        took = claims(slots)
    seconds = time.monotonic() - started
    told(record_property, {"runs": RUNS, "seconds": round(seconds, 1), "claim p50 ms": took[len(took) // 2],
                           "claim p99 ms": took[int(len(took) * 0.99)]})  # fmt: skip
    assert count(root, "answered") == len(took) == RUNS


def test_nothing_is_lost_when_workers_and_postgres_are_killed(
    root: Path, own_server: Server, record_property: Callable[[str, object], None]
) -> None:
    dice, journal = random.Random(18), Journal(root)
    runs = enqueue(root, [{"topic": f"t{n}"} for n in range(RUNS)], attempts=100, most_waiting=RUNS + 1)
    kills = stops = crashes = 0
    asleep: dict[int, float] = {}
    with Slots(root, lease=LEASE) as slots:
        for _ in range(4):
            slots.start()

        def disturb() -> None:
            nonlocal kills, stops, crashes
            slots.reap(start=True)
            for pid, until in list(asleep.items()):
                if pid not in slots.pids:
                    del asleep[pid]
                elif time.monotonic() > until:
                    os.kill(pid, signal.SIGCONT)
                    del asleep[pid]
            awake, done = [pid for pid in slots.pids if pid not in asleep], len(slots.told("claimed"))
            if crashes < CRASHES and done >= RUNS * (crashes + 1) // (CRASHES + 2):
                journal.look(carried(root))
                own_server.kill()
                own_server.start()
                crashes += 1
            elif kills < KILLS and done >= 4 + kills * RUNS // (KILLS + 5) and len(awake) > 1:
                journal.look(carried(root))
                os.kill(dice.choice(awake), signal.SIGKILL)
                kills += 1
            elif stops < STOPS and done >= 10 + stops * RUNS // (STOPS + 3) and len(awake) > 2:
                journal.look(carried(root))
                os.kill(pid := dice.choice(awake), signal.SIGSTOP)
                asleep[pid] = time.monotonic() + 2.5 * LEASE
                stops += 1

        started = time.monotonic()
        wait(lambda: count(root, "answered") + count(root, "dead") == RUNS, 3000, disturb)
        seconds = time.monotonic() - started
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        time.sleep(2.0)  # who woke late tries to write
        took = claims(slots)
        written = marks(root)
        with closing(RunStore(place_of(root))) as store:
            faults = [fault for run in runs for fault in verify(store, run)]
        facts: dict[str, object] = {
            "runs": RUNS, "answered": count(root, "answered"), "kills": kills, "stops": stops, "postgres killed": crashes,
            "seconds": round(seconds, 1), "claims": len(took), "claim p50 ms": took[len(took) // 2],
            "claim p99 ms": took[int(len(took) * 0.99)], "lost leases": len(slots.told("lost")),
            "calls": 3 * RUNS, "calls made": len(written), "looked at": len(journal.known),
            "journaled calls made again": len(journal.repeated()), "written late": len(late(root, runs)), "faults": len(faults),
        }  # fmt: skip
    told(record_property, facts)
    assert facts["answered"] == RUNS and (kills, stops, crashes) == (KILLS, STOPS, CRASHES)
    assert journal.known and journal.repeated() == [] and late(root, runs) == [] and faults == []
    assert {(run, text) for run, text, _, _ in written} == {
        (run, f"t{n} {m}") for n, run in enumerate(runs) for m in (1, 2, 3)
    }
