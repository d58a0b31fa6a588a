"""The queue's rules, in one process: who comes first, who may take what, what is refused."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError, Overloaded
from agentflow.project import Project
from agentflow.runs.control import request_stop
from agentflow.runs.errors import LeaseLost
from agentflow.runs.leases import acquire
from agentflow.runs.queue import Terms, claim, recover, requeue, waiting
from agentflow.runs.store import SEALED, RunStore
from tests.worker.harness import write_project

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with Engine(Project(write_project(tmp_path))) as opened:
        yield opened


def sealed(store: RunStore, run: str) -> None:
    """A row that was changed by hand is whole again."""
    store._seal(store.database.execute(f"SELECT {SEALED} FROM runs WHERE id = ?", [run]).fetchone())


def test_higher_priority_first_then_the_oldest(engine: Engine) -> None:
    for topic, priority in (("a", 0), ("b", 5), ("c", 5)):
        engine.enqueue("tiny", {"topic": topic}, terms=Terms(priority=priority))
    claimed = [claim(engine.store) for _ in range(4)]
    assert [each and each.run.inputs["topic"] for each in claimed] == ["b", "c", "a", None]


def test_a_worker_takes_only_what_it_serves_and_what_is_due(engine: Engine) -> None:
    engine.enqueue("tiny", {}, run_id="tiny")
    engine.enqueue("tiny", {}, run_id="later", terms=Terms(not_before=time.time() + 3600))
    engine.enqueue("other", {}, run_id="other")
    engine.store.database.execute("""UPDATE runs SET models = '{"writer": "big"}' WHERE id = 'other'""")
    sealed(engine.store, "other")
    assert claim(engine.store, graphs=["other"], models=["small"]) is None
    taken = claim(engine.store, graphs=["other"], models=["small", "big"])
    assert taken and taken.run.id == "other"
    taken = claim(engine.store)
    assert taken and taken.run.id == "tiny" and claim(engine.store) is None


def test_a_full_queue_refuses_and_registers_nothing(engine: Engine) -> None:
    engine.enqueue("tiny", {}, terms=Terms(most_waiting=1))
    with pytest.raises(Overloaded, match="1 runs wait already"):
        engine.enqueue("tiny", {}, terms=Terms(most_waiting=1), run_id="refused")
    assert not engine.store.exists("refused") and waiting(engine.store) == 1


async def test_a_claimed_run_ends_as_any_other(engine: Engine) -> None:
    engine.enqueue("tiny", {}, run_id="r")
    taken = claim(engine.store)
    assert taken
    assert (await engine.carry(taken)).status == "answered"
    run = engine.store.load("r")
    assert (run.status, run.attempts, run.lease, run.owner) == ("answered", 1, 0.0, {})


async def test_a_question_parks_the_run_and_its_answer_queues_it(engine: Engine) -> None:
    engine.enqueue("tiny", {"harm": "ask"}, run_id="r")
    taken = claim(engine.store)
    assert taken and (await engine.carry(taken)).question
    assert claim(engine.store) is None, "a parked run is not woken"
    with pytest.raises(AgentflowError, match="waits for an answer"):
        requeue(engine.store, "r")
    requeue(engine.store, "r", answer="yes")
    taken = claim(engine.store)
    assert taken and (await engine.carry(taken)).output == {"answer": "yes"}


async def test_a_bug_is_tried_again_then_given_up_with_the_reason(engine: Engine) -> None:
    engine.enqueue("tiny", {"harm": "bug"}, run_id="r", terms=Terms(attempts=2))
    for attempt in (1, 2):
        engine.store.database.execute("UPDATE runs SET not_before = 0")
        taken = claim(engine.store)
        assert taken and taken.run.attempts == attempt
        with pytest.raises(ZeroDivisionError):
            await engine.carry(taken)
    run = engine.store.load("r")
    assert (run.status, run.message) == ("dead", "ZeroDivisionError: a bug (2 attempts)")
    again = requeue(engine.store, "r")
    assert (again.status, again.attempts) == ("queued", 0)


async def test_a_graph_that_is_gone_does_not_stop_the_worker(engine: Engine) -> None:
    engine.enqueue("other", {}, run_id="r", terms=Terms(attempts=1))
    (engine.project.root / "graphs" / "other.py").unlink()
    taken = claim(engine.store)
    assert taken
    with pytest.raises(AgentflowError, match="no graph named 'other'"):
        await engine.carry(taken)
    assert engine.store.load("r").status == "dead"


def test_a_damaged_entry_does_not_hold_up_the_others(engine: Engine) -> None:
    engine.enqueue("tiny", {}, run_id="bad", terms=Terms(priority=9))
    engine.enqueue("tiny", {}, run_id="good")
    engine.store.database.execute("UPDATE runs SET inputs = '{}' WHERE id = 'bad'")
    assert claim(engine.store) is None
    taken = claim(engine.store)
    assert taken and taken.run.id == "good"


def test_a_damaged_run_of_a_dead_worker_does_not_hold_up_the_others(engine: Engine) -> None:
    for name in ("bad", "good"):
        engine.enqueue("tiny", {}, run_id=name)
        claim(engine.store, lease=60)
    engine.store.database.execute("UPDATE runs SET message = 'x' WHERE id = 'bad'")
    engine.store.database.execute("UPDATE runs SET beat = beat - 61")
    assert recover(engine.store) == ["good"]
    status = "SELECT status FROM runs WHERE id = 'bad'"
    assert engine.store.database.execute(status).fetchone()[0] == "dead" and recover(engine.store) == []


def test_cancel_and_pause_reach_a_run_that_waits(engine: Engine) -> None:
    engine.enqueue("tiny", {}, run_id="a")
    engine.enqueue("tiny", {}, run_id="b")
    assert request_stop(engine.store, "a", "cancel").status == "cancelled"
    assert request_stop(engine.store, "b", "pause").status == "paused"
    assert claim(engine.store) is None


def test_whoever_resumes_by_hand_takes_it_out_of_the_queue(engine: Engine) -> None:
    engine.enqueue("tiny", {}, run_id="r")
    acquire(engine.store, "r")
    assert claim(engine.store) is None and recover(engine.store) == []


def test_a_silent_worker_loses_its_run_by_the_stores_clock(engine: Engine) -> None:
    engine.enqueue("tiny", {}, run_id="r")
    taken = claim(engine.store, lease=60)
    assert taken and recover(engine.store) == []
    engine.store.database.execute("UPDATE runs SET beat = beat - 61 WHERE id = 'r'")
    assert recover(engine.store) == ["r"], "its process lives, but gives no sign"
    with pytest.raises(LeaseLost):
        taken.lease.beat()
    with engine.store.write(), pytest.raises(LeaseLost):
        taken.lease.check()
    run = engine.store.load("r")
    assert run.status == "queued" and "silent" in run.message and run.not_before > time.time()


def test_a_claim_before_ten_thousand_runs_is_quick(engine: Engine) -> None:
    with engine.store.write():
        for _ in range(10_000):
            id = engine.store.create("tiny", source="", sha256="", inputs={}, models={}, limits={}).id
            engine.store.database.execute("UPDATE runs SET status = 'queued', most_attempts = 1 WHERE id = ?", [id])
            sealed(engine.store, id)
    took = []
    for _ in range(50):
        started = time.process_time()
        assert claim(engine.store)
        took.append(time.process_time() - started)
    assert sorted(took)[25] < 0.05
