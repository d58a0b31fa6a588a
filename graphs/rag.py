"""Answers from the best passages in one call: plain retrieval-augmented generation, without plan or check."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import Field

from agentflow.context import Context
from agentflow.events import Searched
from agentflow.research.answers.abstention import abstains
from agentflow.research.fit_window import fit
from agentflow.research.passages.shown import plain
from agentflow.storage.strict import Closed

ROLES = ("writer",)


class Inputs(Closed):
    """What a person gives. With `text`, that is what is read and nothing is searched."""

    question: str = Field(min_length=1, max_length=2000)
    k: int = Field(8, ge=1, le=50, description="passages given to the model")
    text: str = Field("", description="read this instead of searching the corpus")


class State(TypedDict, total=False):
    question: str
    k: int
    text: str
    passages: list[dict[str, Any]]  # text, path, line; best first
    output: dict[str, Any]
    status: str


async def search(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    if state["text"]:
        return {"passages": [{"text": state["text"], "path": "", "line": 1}]}
    found = await runtime.context.searcher.search(state["question"], k=state["k"])
    runtime.context.emit(Searched(query=state["question"], passages=len(found)))
    shown = zip(plain(found), found, strict=True)
    passages = [{"text": text, "path": one.path, "line": one.place.line} for text, one in shown]
    return {"passages": passages}


async def answer(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """As many passages as fit the model's window. Nothing found ends without an answer."""
    context, passages = runtime.context, state["passages"]
    if not passages:
        return {"output": {"answer": "", "passages": []}, "status": "insufficient"}
    prompt = context.prompt("rag")
    values = await fit(
        context, "writer", prompt, passages,
        lambda kept: {"question": state["question"], "passages": [passage["text"] for passage in kept]},
    )  # fmt: skip
    text = (await context.ask("writer", prompt, **values)).data["answer"].strip()
    shown = [{"path": p["path"], "line": p["line"]} for p in passages[: len(values["passages"])]]
    status = "insufficient" if abstains(text) else "answered"
    return {"output": {"answer": text, "passages": shown}, "status": status}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(search)
    graph.add_node(answer)
    graph.add_edge(START, "search")
    graph.add_edge("search", "answer")
    graph.add_edge("answer", END)
    return graph
