"""A project whose graphs are written into it by the test, and models that need no weights."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels

STEPS = '''
"""Three questions to the model in parallel, then a summary."""
from operator import add
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send
from pydantic import BaseModel

from agentflow.context import Context
from agentflow.prompts import Prompt

ROLES = ("writer",)
TOOLS = ("stamp",)
ASK = Prompt("ask", "Answer.", "{{ question }}", None, 32)


class Inputs(BaseModel):
    topic: str = "rivers"
    branches: int = 3


class State(TypedDict, total=False):
    topic: str
    branches: int
    said: Annotated[list[str], add]
    stamps: Annotated[list[str], add]
    output: dict
    status: str


async def plan(state: State, runtime: Runtime[Context]) -> dict:
    answer = await runtime.context.ask("writer", ASK, question=f"plan {state['topic']}")
    return {"said": [answer.text]}


def fan_out(state: State) -> list[Send]:
    return [Send("look", {"question": f"{state['topic']} {n}"}) for n in range(state["branches"])]


async def look(state: dict, runtime: Runtime[Context]) -> dict:
    answer = await runtime.context.ask("writer", ASK, question=state["question"])
    stamp = await runtime.context.call_tool("stamp", {"text": state["question"]})
    return {"said": [answer.text], "stamps": [stamp]}


async def write(state: State, runtime: Runtime[Context]) -> dict:
    answer = await runtime.context.ask("writer", ASK, question="sum up " + ", ".join(state["said"]))
    return {"output": {"answer": answer.text, "stamps": state["stamps"]}, "status": "answered"}


def build() -> StateGraph:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(plan)
    graph.add_node(look)
    graph.add_node(write)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", fan_out, ["look"])
    graph.add_edge("look", "write")
    graph.add_edge("write", END)
    return graph
'''

STAMP = '''
"""Appends a line to stamps.txt."""
from pathlib import Path

from agentflow.context import Context

ONCE = True


def stamp(text: str, context: Context) -> str:
    """Stamp a text.

    Args:
        text: what to stamp
    """
    with (context.project.root / "stamps.txt").open("a") as file:
        file.write(text + "\\n")
    return f"stamped {text}"
'''


def echo(request: Request) -> str:
    """An answer that depends on the prompt alone."""
    return f"<{request.messages[-1].content}>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project's folder with the graph `steps` and the tool `stamp`."""
    write_project(tmp_path)
    return tmp_path


def write_project(root: Path) -> None:
    for place, text in {"graphs/steps.py": STEPS, "tools/stamp.py": STAMP}.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    (root / "models.yaml").write_text("models: {}\n")


@pytest.fixture
def project(folder: Path) -> Project:
    return Project(folder)


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(echo)


@pytest.fixture
def stamps(folder: Path) -> Callable[[], list[str]]:
    """What the tool `stamp` really did."""
    path = folder / "stamps.txt"
    return lambda: path.read_text().split("\n")[:-1] if path.exists() else []
