"""A run from its start to its end, and what is kept of it."""

import json
from collections.abc import Callable

import pytest

from agentflow.budget import Limits
from agentflow.engine import Engine
from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import BudgetChanged, Event, RunEnded, RunStarted, StepEnded, StepStarted
from agentflow.project import Project
from agentflow.runs.calls import calls
from agentflow.runs.event_log import read
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels

pytestmark = pytest.mark.usefixtures("each_database")


async def test_a_run_ends_with_the_output_of_its_graph(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        outcome = await engine.run("steps", {"topic": "lakes"})
    assert outcome.status == "answered", outcome.message
    assert outcome.output["answer"].startswith("<sum up <plan lakes>, <lakes 0>")
    assert outcome.usage.calls == 5 and outcome.usage.completion > 0
    assert outcome.model == "scripted" and outcome.seconds > 0


@pytest.mark.parametrize("id", ["../out", "", "last", "a/b", "x" * 65, "ok\n"])
async def test_an_id_that_could_leave_the_project_is_refused(id: str, project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        with pytest.raises(AgentflowError, match="cannot be a run's id"):
            await engine.run("steps", {}, run_id=id)


async def test_every_step_is_announced_and_ended(project: Project, models: ScriptedModels) -> None:
    heard: list[Event] = []
    async with Engine(project, pool=models, sink=heard.append) as engine:
        outcome = await engine.run("steps", {"topic": "lakes"})
        kept = [entry.event for entry in read(engine.store, outcome.run)]
    started = [event for event in heard if isinstance(event, StepStarted)]
    assert [event.step for event in started] == ["001-plan", "002-look.0", "002-look.1", "002-look.2", "003-write"]
    assert [event.label for event in started] == ["", "lakes 0", "lakes 1", "lakes 2", ""]
    assert {event.step for event in heard if isinstance(event, StepEnded)} == {event.step for event in started}
    assert isinstance(kept[0], RunStarted) and isinstance(kept[-1], RunEnded)
    assert {event.run for event in kept} == {outcome.run}


async def test_every_call_is_kept_with_request_and_answer(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        outcome = await engine.run("steps", {"topic": "lakes"})
        kept = list(calls(engine.store, outcome.run))
    assert [call.kind for call in kept].count("model") == 5 and [call.kind for call in kept].count("tool") == 3
    first = kept[0]
    assert first.request["requests"][0]["messages"][-1]["content"] == "plan lakes"
    assert first.request["requests"][0]["sampling"]["seed"] == 0
    assert first.result is not None and first.result["answers"][0]["text"] == "<plan lakes>"


async def test_a_model_that_is_not_there_pauses_the_run_and_a_resume_finishes_it(project: Project) -> None:
    down = True

    def reply(request: object) -> str:
        if down and "sum up" in str(request):
            raise Unavailable("the server stopped answering", "look at its log")
        return "fine"

    models = ScriptedModels(reply)
    async with Engine(project, pool=models) as engine:
        paused = await engine.run("steps", {})
        assert paused.status == "paused" and "the server stopped answering" in paused.message
        down = False
        asked = len(models.asked)
        outcome = await engine.resume(paused.run)
    assert outcome.status == "answered"
    assert len(models.asked) == asked + 1, "only the call that failed is made again"


async def test_a_finished_run_is_not_run_again(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        first = await engine.run("steps", {})
        asked = len(models.asked)
        assert await engine.resume(first.run) == first
    assert len(models.asked) == asked


async def test_a_spent_budget_pauses_and_a_larger_one_goes_on(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        paused = await engine.run("steps", {}, limits=Limits(calls=2))
        assert paused.status == "paused" and "calls" in paused.message
        outcome = await engine.resume(paused.run, limits=Limits(calls=50))
    assert outcome.status == "answered"


async def test_a_step_that_spends_its_own_budget_pauses_the_run(project: Project, models: ScriptedModels) -> None:
    heard: list[Event] = []
    async with Engine(project, pool=models, sink=heard.append) as engine:
        paused = await engine.run("steps", {}, limits=Limits(step_calls=1))
        assert (
            paused.status == "paused"
            and "step 002-look." in paused.message
            and "'s budget of 1 calls" in paused.message
        )
        assert next(event.left for event in heard if isinstance(event, BudgetChanged)) == {"step_calls": 0.0}
        outcome = await engine.resume(paused.run, limits=Limits(step_calls=2))
    assert outcome.status == "answered"


async def test_wrong_inputs_are_named_before_anything_is_stored(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        with pytest.raises(AgentflowError, match="branches"):
            await engine.run("steps", {"branches": "many"})
        assert engine.store.list() == []


async def test_an_unknown_effect_stops_the_run_and_asks(
    project: Project, models: ScriptedModels, stamps: Callable[[], list[str]]
) -> None:
    """As after a power cut in the middle of the tool: the intent is there, the result is not."""
    async with Engine(project, pool=models) as engine:
        first = await engine.run("steps", {})
        lose_result(engine, first.run, "stamp", "rivers 1")
        paused = await engine.resume(first.run)
        assert paused.status == "paused" and "unknown" in paused.message and paused.question
        assert paused.question[0]["value"]["unknown"]["arguments"] == {"text": "rivers 1"}
        assert stamps().count("rivers 1") == 1
        outcome = await engine.resume(first.run, answer={"value": "stamped by hand"})
    assert outcome.status == "answered" and "stamped by hand" in outcome.output["stamps"]
    assert stamps().count("rivers 1") == 1


def lose_result(engine: Engine, run: str, tool: str, text: str) -> None:
    """Takes a finished run back to the moment in which one tool had been called and nothing after it was stored."""
    from agentflow.runs.blobs import compact, digest
    from agentflow.runs.calls import key_of, seal

    database = engine.store.database
    hashed = digest("tool", tool, compact({"arguments": {"text": text}})).hex()
    key = key_of(run, "002-look.1", hashed, 1)
    assert database.execute("UPDATE calls SET state = 'intent', result = NULL WHERE key = ?", [key]).rowcount == 1
    seal(engine.store, key)
    for id, about in database.execute(
        "SELECT checkpoint_id, metadata FROM checkpoints WHERE thread_id = ?", [run]
    ).fetchall():
        if json.loads(about)["step"] > 1:
            database.execute("DELETE FROM checkpoints WHERE checkpoint_id = ?", [id])
    database.execute("DELETE FROM writes WHERE thread_id = ? AND task_path LIKE '%push%0000000001%'", [run])
    database.execute(
        "UPDATE runs SET checkpoints = (SELECT count(*) FROM checkpoints WHERE thread_id = id) WHERE id = ?", [run]
    )
    engine.store.settle(run, RunStatus.RUNNING)
