"""Says which of the given functions to call, and with what, without calling any: for choosing a model for tools.

The same prompt and the same schema of one branch a tool as in the agent; here the functions come with the question,
in the dialect of the Berkeley Function-Calling Leaderboard or as OpenAI function schemas.
"""

import json
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field

from agentflow.context import Context
from agentflow.models.request import Request, Sampling
from agentflow.runs.step import current_step

ROLES = ("agent",)
TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}


class Inputs(BaseModel):
    """What a person gives."""

    model_config = ConfigDict(extra="forbid")

    goal: str = Field(min_length=1, max_length=20_000)
    functions: list[dict[str, Any]] = Field(description="name, description, parameters (a schema)")
    most: int = Field(1, ge=1, le=8, description="calls asked for, one at a time; an answer ends it")


class State(TypedDict, total=False):
    goal: str
    functions: list[dict[str, Any]]
    most: int
    output: dict[str, Any]
    status: str


async def call(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """One call after another; each call's result is only that it was noted."""
    context = runtime.context
    prompt = context.prompt("act")
    names = {safe(function["name"]): function["name"] for function in state["functions"]}
    tools = [shown(function) for function in state["functions"]]
    schema = {"anyOf": [branch(function) for function in state["functions"]] + [ANSWER]}
    calls: list[dict[str, Any]] = []
    for _ in range(state["most"]):
        steps = [{"tool": c["tool"], "arguments": json.dumps(c["arguments"]), "result": "done"} for c in calls]
        request = Request(
            messages=prompt.messages(tools=tools, goal=state["goal"], steps=steps),
            schema=schema,
            max_tokens=prompt.max_tokens,
            sampling=Sampling(temperature=0.0, seed=0),
            run=context.run,
            step=current_step().id,
        )
        (reply,) = await context.request_all("agent", [request])
        if reply.data["tool"] == "answer" or reply.data in calls:
            break
        calls.append(reply.data)
    output = {"calls": [{"name": names[c["tool"]], "arguments": c["arguments"]} for c in calls]}
    return {"output": output, "status": "done"}


ANSWER = {
    "type": "object",
    "properties": {
        "tool": {"const": "answer"},
        "arguments": {
            "type": "object",
            "properties": {"text": {"type": "string", "maxLength": 600}},
            "required": ["text"],
            "additionalProperties": False,
        },
    },
    "required": ["tool", "arguments"],
    "additionalProperties": False,
}


def safe(name: str) -> str:
    """Servers allow no dots in names."""
    return name.replace(".", "_")


def shown(function: dict[str, Any]) -> dict[str, str]:
    parameters = function["parameters"]
    required = parameters.get("required", [])
    parts = [
        f"{name}{'' if name in required else '?'}: {TYPES.get(item.get('type', 'any'), item.get('type', 'string'))}"
        for name, item in parameters["properties"].items()
    ]
    description = function["description"].split("\n")[0][:200]
    return {"name": safe(function["name"]), "parameters": ", ".join(parts), "description": description}


def branch(function: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"tool": {"const": safe(function["name"])}, "arguments": json_schema(function["parameters"])},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def json_schema(declared: dict[str, Any]) -> dict[str, Any]:
    """The leaderboard's types as JSON Schema, closed, without prose."""
    kind = TYPES.get(declared.get("type", "any"), declared.get("type", "string"))
    schema: dict[str, Any] = {"type": kind}
    if "enum" in declared:
        schema["enum"] = declared["enum"]
    if kind == "object" and "properties" in declared:
        schema["properties"] = {name: json_schema(item) for name, item in declared["properties"].items()}
        schema["required"] = declared.get("required", [])
        schema["additionalProperties"] = False
    if kind == "array":
        schema["items"] = json_schema(declared.get("items", {}))
    return schema


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(call)
    graph.add_edge(START, "call")
    graph.add_edge("call", END)
    return graph
