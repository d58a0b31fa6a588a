"""Reaches a goal with tools, one step at a time, until it can answer.

Each step is constrained by a schema made from the tools at hand, so that a weak model names no tool that does not exist
and leaves out no argument. What it may call is decided by the policy, in code, not by what it says.
"""

from operator import add
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import Field

from agentflow.agent.loop import ANSWER, Move, act, calls, next_move
from agentflow.context import Context
from agentflow.errors import AgentflowError
from agentflow.storage.strict import Closed

ROLES = ("agent",)
TOOLS = ("calculator", "dates", "list_documents", "read_document", "search_corpus", "table", "units")


class Function(Closed):
    """As in OpenAI's function schemas."""

    name: str = Field(pattern=r"^[\w-]{1,64}$")
    description: str = ""
    parameters: dict[str, Any] = Field(description="a JSON schema")


class Inputs(Closed):
    """What a person gives. With `functions` it says in one answer what to call, for a program that makes the calls itself."""

    goal: str = Field(min_length=1, max_length=20_000)
    tools: list[str] = Field(default=list(TOOLS), description="those it may use, of the graph's own")
    functions: list[Function] = Field(
        default=[], max_length=64, description="yours instead: all calls are told at once in `steps`, and not made"
    )
    steps: int = Field(8, ge=0, le=50, description="tool calls before it must answer")


class State(TypedDict, total=False):
    goal: str
    tools: list[str]
    functions: list[dict[str, Any]]
    steps: int
    move: dict[str, Any]  # the tool and the arguments that were decided on
    taken: Annotated[list[dict[str, Any]], add]  # tool, arguments, result
    notes: Annotated[list[str], add]
    output: dict[str, Any]
    status: str


Services = Runtime[Context]


async def think(state: State, runtime: Services) -> Command[str]:
    """The next move; the last one can only be an answer."""
    context, taken = runtime.context, state.get("taken", [])
    if unknown := [name for name in state["tools"] if name not in TOOLS]:
        raise AgentflowError(
            f"the agent has no tool '{unknown[0]}'; known: {', '.join(TOOLS)}",
            "a workflow's agent node can have others",
        )
    last = len(taken) >= state["steps"] or context.budget.exhausted() is not None
    if given := state["functions"]:
        wanted = [] if last else await calls(context, "agent", state["goal"], given, state["steps"])
        steps = [{**move._asdict(), "result": "not made"} for move in wanted]
        return Command(update={**ended("", steps, finished=not last), "notes": context.notes()}, goto=END)
    functions = context.tools.schemas(state["tools"]) if state["tools"] else []
    move = await next_move(context, "agent", state["goal"], functions, taken, last=last)
    if move.tool == ANSWER:
        update = ended(move.arguments["text"], taken, finished=not last)
        return Command(update={**update, "notes": context.notes()}, goto=END)
    return Command(update={"move": move._asdict(), "notes": context.notes()}, goto="use")


def ended(answer: str, taken: list[dict[str, Any]], *, finished: bool) -> dict[str, Any]:
    return {"output": {"answer": answer, "finished": finished, "steps": taken}, "status": "answered"}


async def use(state: State, runtime: Services) -> dict[str, Any]:
    """Calls the tool. What it refuses or cannot do is a result that the next step reads."""
    return {"taken": [await act(runtime.context, Move(**state["move"]))], "notes": runtime.context.notes()}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(think, destinations=("use", END))
    graph.add_node(use)
    graph.add_edge(START, "think")
    graph.add_edge("use", "think")
    return graph
