"""Takes a record out of a text under a JSON schema of your own: one call, constrained at the sampler."""

from dataclasses import replace
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import Field

from agentflow.context import Context
from agentflow.storage.strict import Closed

ROLES = ("writer",)


class Inputs(Closed):
    """What a person gives."""

    text: str = Field(min_length=1, max_length=100_000)
    record: dict[str, Any] = Field(description="JSON schema of the record")


class State(TypedDict, total=False):
    text: str
    record: dict[str, Any]
    output: dict[str, Any]
    status: str


async def extract(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    context, schema = runtime.context, state["record"]
    prompt = replace(context.prompt("extract"), schema=schema)
    reply = await context.ask("writer", prompt, text=state["text"], fields=", ".join(schema.get("properties", {})))
    return {"output": {"record": reply.data, "text": reply.text}, "status": "done"}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(extract)
    graph.add_edge(START, "extract")
    graph.add_edge("extract", END)
    return graph
