"""Writes a headline on a topic from the best passages of your documents."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel

from agentflow import Context

ROLES = ("writer",)  # models.yaml says which model plays it


class Inputs(BaseModel):
    topic: str


class State(TypedDict, total=False):
    topic: str
    passages: list[str]
    output: dict[str, Any]
    status: str


async def search(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    found = await runtime.context.searcher.search(state["topic"], k=3)
    return {"passages": [passage.text for passage in found]}


async def write(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """The prompt is graphs/prompts/headline.yaml; its schema makes the answer JSON."""
    context = runtime.context
    if not state["passages"]:
        return {"output": {"headline": ""}, "status": "insufficient"}
    answer = await context.ask("writer", context.prompt("headline"), topic=state["topic"], passages=state["passages"])
    return {"output": answer.data, "status": "done"}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(search)
    graph.add_node(write)
    graph.add_edge(START, "search")
    graph.add_edge("search", "write")
    graph.add_edge("write", END)
    return graph
