"""Pausing, cancelling, failing and trying again, disks that fill, clocks that jump."""

import asyncio
import time
from collections.abc import Callable

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.events import Event, StepStarted
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.runs.verify import verify
from agentflow.testing import ScriptedModels
from tests.runs.conftest import echo

pytestmark = pytest.mark.usefixtures("each_database")


async def stop_in_the_middle(engine: Engine, how: Callable[[str], None]) -> Outcome:
    work = asyncio.create_task(engine.run("steps", {}, run_id="r"))
    while "r" not in engine.running:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    how("r")
    return await work


async def test_a_pause_frees_the_models_and_a_resume_finishes(project: Project) -> None:
    models = ScriptedModels(echo, seconds=0.2)
    async with Engine(project, pool=models) as engine:
        paused = await stop_in_the_middle(engine, engine.pause)
        assert (paused.status, models.unloaded) == ("paused", 1)
        assert (await engine.resume("r")).status == "answered"


async def test_a_paused_run_leaves_the_models_to_its_siblings(project: Project) -> None:
    """They are freed when the last run of the engine has ended."""
    models = ScriptedModels(echo, seconds=0.2)
    async with Engine(project, pool=models) as engine:
        sibling = asyncio.create_task(engine.run("steps", {}, run_id="sibling"))
        await stop_in_the_middle(engine, engine.pause)
        assert "sibling" in engine.running and models.unloaded == 0
        assert (await sibling).status == "answered" and models.unloaded == 1
        await engine.resume("r")
        assert models.unloaded == 1


async def test_a_cancelled_run_stays_cancelled(project: Project) -> None:
    async with Engine(project, pool=ScriptedModels(echo, seconds=0.2)) as engine:
        assert (await stop_in_the_middle(engine, engine.cancel)).status == "cancelled"
        assert (await engine.resume("r")).status == "cancelled"
        with pytest.raises(AgentflowError, match="has ended"):
            engine.pause("r")


async def test_a_signal_pauses_every_run_of_the_process(project: Project) -> None:
    async with Engine(project, pool=ScriptedModels(echo, seconds=0.2)) as engine:
        paused = await stop_in_the_middle(engine, lambda _: engine.interrupt(15))
        assert paused.status == "paused" and "SIGTERM" in paused.message and "agentflow resume r" in paused.message


async def test_a_step_that_fails_keeps_what_was_done_and_may_be_tried_again(project: Project) -> None:
    broken = True

    def reply(request: object) -> str:
        if broken and "sum up" in str(request):
            raise AgentflowError("the writer broke", "mend it")
        return "fine"

    models = ScriptedModels(reply)
    async with Engine(project, pool=models) as engine:
        failed = await engine.run("steps", {})
        assert failed.status == "failed" and "the writer broke" in failed.message
        broken, asked = False, len(models.asked)
        assert (await engine.resume(failed.run)).status == "answered"
    assert len(models.asked) == asked + 1


async def test_a_bug_in_a_graph_shows_itself_and_the_run_is_marked_failed(project: Project) -> None:
    def reply(request: object) -> str:
        raise ZeroDivisionError("a bug")

    async with Engine(project, pool=ScriptedModels(reply)) as engine:
        with pytest.raises(ZeroDivisionError):
            await engine.run("steps", {}, run_id="r")
        assert engine.store.load("r").status == "failed" and engine.store.load("r").owner == {}


async def test_out_of_memory_pauses(project: Project) -> None:
    def reply(request: object) -> str:
        raise MemoryError

    async with Engine(project, pool=ScriptedModels(reply)) as engine:
        assert (await engine.run("steps", {})).status == "paused"


@pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)
async def test_a_full_disk_is_named_and_nothing_is_lost(project: Project, models: ScriptedModels) -> None:
    """R6, with SQLite's own limit in place of a small disk."""
    async with Engine(project, pool=models) as engine:
        pages = engine.store.database.execute("PRAGMA page_count").fetchone()[0]

        def fill(event: Event) -> None:
            if isinstance(event, StepStarted) and event.node == "write":
                engine.store.database.execute(f"PRAGMA max_page_count = {pages}")

        engine.sink = fill
        with pytest.raises(AgentflowError, match=r"no room to write .*agentflow\.db: .* MB free"):
            for number in range(40):  # until the free pages are used up
                await engine.run("steps", {"topic": f"rivers {number} " * 200}, run_id=f"r{number}")
        engine.store.database.execute("PRAGMA max_page_count = 1000000")
        assert engine.store.database.faults() == []
        engine.sink = lambda event: None
        outcome = await engine.resume(engine.store.list()[0].id)
        assert outcome.status == "answered" and verify(engine.store, outcome.run) == []


async def test_a_clock_that_is_set_back_changes_no_order(
    project: Project, models: ScriptedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R13: checkpoint ids are made of the time; what was written last still counts as the latest."""
    down = True

    def reply(request: object) -> str:
        if down and "sum up" in str(request):
            raise MemoryError
        return echo(request)  # type: ignore[arg-type]

    models = ScriptedModels(reply)
    async with Engine(project, pool=models) as engine:
        run = (await engine.run("steps", {})).run
    down = False
    now, now_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() - 3600 * 10**9)
    monkeypatch.setattr("langgraph.checkpoint.base.id._last_v6_timestamp", None)  # as in a new process
    async with Engine(project, pool=models) as engine:
        outcome = await engine.resume(run)
        later = await engine.run("steps", {})
        assert [found.id for found in engine.store.list()] == [later.run, run]
    assert outcome.status == "answered" and outcome.output["answer"].startswith("<sum up")


async def test_sixteen_runs_share_one_database(project: Project, models: ScriptedModels) -> None:
    """R10, in small."""
    async with Engine(project, pool=models) as engine:
        outcomes = await asyncio.gather(*(engine.run("steps", {"topic": f"topic {n}"}) for n in range(16)))
        assert {outcome.status for outcome in outcomes} == {"answered"}
        assert all(verify(engine.store, outcome.run) == [] for outcome in outcomes)
    assert len({outcome.output["answer"] for outcome in outcomes}) == 16


async def test_events_told_from_threads_are_each_kept_once(project: Project, models: ScriptedModels) -> None:
    from agentflow.events import Note
    from agentflow.runs.event_log import Feed, read
    from agentflow.runs.leases import acquire

    async with Engine(project, pool=models) as engine:
        run = (await engine.run("steps", {}, run_id="r")).run
        feed = Feed(acquire(engine.store, run))

        def tell(thread: int) -> None:
            for number in range(50):
                feed.append(Note(text=f"{thread} {number}"))
                feed.flush()

        await asyncio.gather(*(asyncio.to_thread(tell, thread) for thread in range(4)))
        kept = [entry.event.text for entry in read(engine.store, run) if isinstance(entry.event, Note)]
    assert sorted(kept) == sorted(f"{thread} {number}" for thread in range(4) for number in range(50))


async def test_half_a_surrogate_pair_is_kept_and_stops_nothing(project: Project, models: ScriptedModels) -> None:
    """A model wrote it, or a tool: SQLite's text cannot hold it as it is."""
    from agentflow.events import Note
    from agentflow.runs.event_log import Feed, read
    from agentflow.runs.leases import acquire

    half = "smile \ud83d"
    models.reply = lambda request: half
    async with Engine(project, pool=models) as engine:
        outcome = await engine.run("steps", {}, run_id="r")
        assert outcome.status == "answered" and verify(engine.store, "r") == []
        feed = Feed(acquire(engine.store, "r"))
        feed.append(Note(text=half))
        feed.flush()
        engine.store.settle("r", outcome.status, message=half)
        kept = [entry.event.text for entry in read(engine.store, "r") if isinstance(entry.event, Note)]
    assert kept == [half]


async def test_the_same_run_twice_leaves_the_same_trace(project: Project, models: ScriptedModels) -> None:
    """R17."""
    from agentflow.runs.event_log import read
    from agentflow.runs.trace import trace

    async with Engine(project, pool=models) as engine:
        runs = [(await engine.run("steps", {})).run for _ in range(2)]
        traces = [trace(entry.event for entry in read(engine.store, run)) for run in runs]
    assert [line.replace(runs[0], "r") for line in traces[0]] == [line.replace(runs[1], "r") for line in traces[1]]
