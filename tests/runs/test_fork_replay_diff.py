"""Going back: a replay without a model, a fork from the middle, and what differs between two runs."""

import json

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.runs.diff import diff
from agentflow.runs.errors import Diverged
from agentflow.runs.replay import replay
from agentflow.testing import ScriptedModels

pytestmark = pytest.mark.usefixtures("each_database")


class Forbidden(ScriptedModels):
    """A pool that must not be asked."""

    def __init__(self) -> None:
        super().__init__(lambda request: pytest.fail("a replay asked a model"))


async def test_a_replay_needs_no_model_and_gives_the_same_trace(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        run = (await engine.run("steps", {"topic": "lakes"})).run
    async with Engine(project, pool=Forbidden()) as engine:
        again = await replay(engine, run)
    assert again.identical, "\n".join(again.differences())
    assert len(again.recorded) > 15 and again.output["stamps"]


async def test_a_replay_answers_the_steps_of_a_graph_within(project: Project, models: ScriptedModels) -> None:
    inner = "{kind: graph, graph: steps, inputs: {topic: seas}}"
    (project.root / "graphs" / "outer.yaml").write_text(
        "description: d\nroles: [writer]\ntools: {stamp: }\nnodes:\n"
        f"  alone: {inner}\n  each: {{kind: map, over: '[1, 2]', nodes: {{a: {inner}, b: {inner}}}}}\n"
        "output: {all: '{{ each }}'}\n"
    )
    async with Engine(project, pool=models) as engine:
        run = (await engine.run("outer", {})).run
    async with Engine(project, pool=Forbidden()) as engine:
        again = await replay(engine, run)
    assert again.identical, "\n".join(again.differences())
    steps = {json.loads(line)["step"] for line in again.replayed}
    assert {"001-alone/002-look.2", "003-each.item.1/002-look.2", "003-each.item.1/1/002-look.2"} <= steps, " ".join(
        sorted(steps)
    )


async def test_a_replay_repeats_no_effect(project: Project, models: ScriptedModels, stamps: object) -> None:
    async with Engine(project, pool=models) as engine:
        run = (await engine.run("steps", {})).run
        done = stamps()  # type: ignore[operator]
        await replay(engine, run)
    assert stamps() == done  # type: ignore[operator]


async def test_a_replay_of_a_changed_graph_says_where_it_parts(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        run = (await engine.run("steps", {})).run
    graph = project.root / "graphs" / "steps.py"
    graph.write_text(graph.read_text().replace('"sum up "', '"summarise "'))
    async with Engine(Project(project.root), pool=models) as engine:
        with pytest.raises(Diverged, match="003-write"):
            await replay(engine, run)


async def test_a_fork_runs_only_what_comes_after(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        first = await engine.run("steps", {"topic": "lakes"})
        models.asked.clear()
        second = await engine.fork(first.run, at="write")
    assert second.status == "answered" and second.output == first.output
    assert len(models.asked) == 1, "plan and the three branches are shared"


async def test_a_fork_of_one_branch_keeps_its_siblings(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        first = await engine.run("steps", {"topic": "lakes"})
        models.asked.clear()
        second = await engine.fork(first.run, at="002-look.1", changes={"question": "lakes of Finland"})
        again = await replay(engine, second.run)
    assert models.asked[0].messages[-1].content == "lakes of Finland"
    assert len(models.asked) == 2
    assert second.output["stamps"] == ["stamped lakes 0", "stamped lakes of Finland", "stamped lakes 2"]
    assert again.identical, "\n".join(again.differences())


async def test_a_fork_does_not_repeat_an_effect_of_its_parent(
    project: Project, models: ScriptedModels, stamps: object
) -> None:
    async with Engine(project, pool=models) as engine:
        first = await engine.run("steps", {})
        second = await engine.fork(first.run, at="look")
    assert second.output["stamps"] == first.output["stamps"]
    assert len(stamps()) == 3  # type: ignore[operator]


async def test_a_fork_with_another_model_asks_that_model(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        first = await engine.run("steps", {})
        other = models.catalog.models["scripted"].model_copy(update={"name": "other"})
        models.catalog.models["other"] = other
        second = await engine.fork(first.run, at="write", models={"default": "other"})
        a, b = engine.store.load(first.run), engine.store.load(second.run)
    assert second.models == {"writer": "other"} and b.parent == first.run and b.forked_at == "003-write"
    assert diff(a, b, first.usage, second.usage).models == {"writer": ("scripted", "other")}


async def test_forking_at_an_unknown_step_or_key_names_the_known_ones(project: Project, models: ScriptedModels) -> None:
    async with Engine(project, pool=models) as engine:
        run = (await engine.run("steps", {})).run
        with pytest.raises(AgentflowError, match="no step 'polish'") as unknown:
            await engine.fork(run, at="polish")
        assert "003-write" in unknown.value.hint
        with pytest.raises(AgentflowError, match="no 'colour'") as unknown:
            await engine.fork(run, at="write", changes={"colour": "red"})
        assert "topic" in unknown.value.hint
