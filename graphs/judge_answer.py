"""Compares an answer with the accepted ones and says whether it means the same: one call, for the scorer `judge`."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import Field

from agentflow.context import Context
from agentflow.storage.strict import Closed

ROLES = ("judge",)


class Inputs(Closed):
    """What a person gives."""

    question: str = Field(min_length=1)
    answer: str
    accepted: list[str] = Field(min_length=1)


class State(TypedDict, total=False):
    question: str
    answer: str
    accepted: list[str]
    output: dict[str, Any]
    status: str


async def judge(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    context = runtime.context
    values: dict[str, Any] = {"question": state["question"], "answer": state["answer"], "accepted": state["accepted"]}
    reply = await context.ask("judge", context.prompt("judge_answer"), **values)
    return {"output": {"right": reply.data["same"] == "yes"}, "status": "done"}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(judge)
    graph.add_edge(START, "judge")
    graph.add_edge("judge", END)
    return graph
