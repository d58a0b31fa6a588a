"""LangGraph keeps what an edge `[a, b] -> c` still waits for as a set in the checkpoint."""

from pathlib import Path

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.replay import replay
from agentflow.runs.verify import verify
from agentflow.testing import ScriptedModels
from tests.runs.conftest import echo, write_project

JOIN = '''
"""Two branches of different length, joined by one edge."""
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel

from agentflow.context import Context
import pytest
from agentflow.prompts import Prompt

pytestmark = pytest.mark.usefixtures("each_database")

ROLES = ("writer",)
TOOLS = ()
ASK = Prompt("ask", "Answer.", "{{ question }}", None, 32)


class Inputs(BaseModel):
    topic: str = "rivers"


class State(TypedDict, total=False):
    topic: str
    short: str
    half: str
    long: str
    output: dict


def asking(key: str):
    async def node(state: State, runtime: Runtime[Context]) -> dict:
        return {key: (await runtime.context.ask("writer", ASK, question=f"{key} {state['topic']}")).text}

    return node


def join(state: State) -> dict:
    return {"output": {"answer": state["short"] + state["long"]}}


def build() -> StateGraph:
    graph = StateGraph(State, context_schema=Context)
    for key in ("short", "half", "long"):
        graph.add_node(key, asking(key))
    graph.add_node(join)
    graph.add_edge(START, "short")
    graph.add_edge(START, "half")
    graph.add_edge("half", "long")
    graph.add_edge(["short", "long"], "join")
    graph.add_edge("join", END)
    return graph
'''


async def test_a_run_stopped_before_its_barrier_goes_on(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "graphs" / "join.py").write_text(JOIN.lstrip())
    down = True

    def reply(request: object) -> str:
        if down and "long" in str(request):
            raise MemoryError
        return echo(request)  # type: ignore[arg-type]

    models = ScriptedModels(reply)
    async with Engine(Project(tmp_path), pool=models) as engine:
        paused = await engine.run("join", {})
        assert paused.status == "paused" and "$set" in stored(engine)
    down = False
    async with Engine(Project(tmp_path), pool=models) as engine:
        outcome = await engine.resume(paused.run)
        assert outcome.output == {"answer": "<short rivers><long rivers>"}
        assert verify(engine.store, outcome.run) == [] and (await replay(engine, outcome.run)).identical


def stored(engine: Engine) -> str:
    rows = engine.store.database.execute("SELECT checkpoint FROM checkpoints").fetchall()
    return "".join(row[0].decode("utf-8", "replace") for row in rows)
