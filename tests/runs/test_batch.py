"""A batch that is cut off asks only for the rest when the run goes on."""

import asyncio
from pathlib import Path

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.calls import calls
from agentflow.runs.replay import replay
from agentflow.runs.verify import verify
from agentflow.testing import ScriptedModels
from tests.runs.conftest import write_project

MANY = '''
"""Many questions in one call."""
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel

from agentflow.context import Context
import pytest
from agentflow.prompts import Prompt

pytestmark = pytest.mark.usefixtures("each_database")

ROLES = ("writer",)
ASK = Prompt("ask", "Answer.", "{{ question }}", None, 32)


class Inputs(BaseModel):
    count: int = 6


class State(TypedDict, total=False):
    count: int
    output: dict


async def many(state: State, runtime: Runtime[Context]) -> dict:
    batch = [{"question": f"number {n}"} for n in range(state["count"])]
    return {"output": {"said": [answer.text for answer in await runtime.context.ask_all("writer", ASK, batch)]}}


def build() -> StateGraph:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(many)
    graph.add_edge(START, "many")
    graph.add_edge("many", END)
    return graph
'''


class Slowing(ScriptedModels):
    """The first half is answered at once, the rest takes its time."""

    async def ask(self, role: str, request: object, **options: object) -> object:  # type: ignore[override]
        self.seconds = self.late if int(request.messages[-1].content[-1]) > 2 else 0.0  # type: ignore[attr-defined]
        return await super().ask(role, request, **options)  # type: ignore[arg-type]

    late = 60.0


async def test_only_what_was_not_answered_is_asked_again(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "graphs" / "many.py").write_text(MANY.lstrip())
    models = Slowing(lambda request: f"<{request.messages[-1].content}>")
    async with Engine(Project(tmp_path), pool=models) as engine:  # type: ignore[arg-type]
        work = asyncio.create_task(engine.run("many", {}, run_id="r"))
        while not list(calls(engine.store, "r", kind="part")):
            await asyncio.sleep(0.05)
        engine.pause("r")
        assert (await work).status == "paused" and verify(engine.store, "r") == []
        models.late = 0.0
        models.asked.clear()
        outcome = await engine.resume("r")
        assert [request.messages[-1].content for request in models.asked] == ["number 3", "number 4", "number 5"]
        assert outcome.output == {"said": [f"<number {n}>" for n in range(6)]} and outcome.usage.calls == 6
        assert not list(calls(engine.store, "r", kind="part")) and verify(engine.store, "r") == []
        assert (await replay(engine, "r")).identical
