"""Answers from what the model knows: one call, no documents. The baseline that every other graph must beat."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import Field

from agentflow.context import Context
from agentflow.research.answers.abstention import abstains
from agentflow.storage.strict import Closed

ROLES = ("writer",)


class Inputs(Closed):
    """What a person gives."""

    question: str = Field(min_length=1, max_length=2000)


class State(TypedDict, total=False):
    question: str
    output: dict[str, Any]
    status: str


async def answer(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    context = runtime.context
    reply = await context.ask("writer", context.prompt("direct"), question=state["question"])
    text = reply.data["answer"].strip()
    return {"output": {"answer": text}, "status": "insufficient" if abstains(text) else "answered"}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    return graph
