"""The kinds of node that a workflow file can hold, as data. What each does is in executors.py."""

from importlib import import_module
from typing import Any, Literal

from pydantic import ConfigDict, Field

from agentflow.corpus.filter import Filter
from agentflow.storage.strict import Strict


class Node(Strict):
    kind: str


class Llm(Node):
    """Asks a model. With `returns` the answer is data of that type, enforced by a grammar; else it is `text`."""

    kind: Literal["llm"]
    role: str = Field("default", description="which model of models.yaml answers")
    system: str = Field("", description="the stable part of the prompt (a template)")
    prompt: str = Field("", description="a template")
    prompt_file: str = Field("", description="a file beside the workflow that holds the prompt")
    use: str = Field(
        "", description="a prompt of graphs/prompts by name, with its own answer type; filled with `values`"
    )
    values: dict[str, Any] = Field(default_factory=dict, description="templates")
    returns: Any = Field(None, description="the type of the answer, for example {title: string, year: integer}")
    max_tokens: int = Field(512, ge=1, le=32_768)
    fit: str = Field("", description="the list in the prompt to shorten when the model's window is full: NODE.field")


class Search(Node):
    """Passages of the corpus for a query."""

    kind: Literal["search"]
    query: str = Field(min_length=1, description="a template")
    k: int | str = Field(8, description="passages to return, or an expression")
    per_document: int | None = Field(None, ge=1, le=50, description="at most so many of one document")
    where: Filter | None = Field(None, description="which documents may answer (templates in its lists)")


class Read(Node):
    """Exact quotes that answer a question, picked by number from passages; the model never retypes one."""

    kind: Literal["read"]
    question: str = Field(min_length=1, description="a template")
    passages: str = Field(min_length=1, description="an expression: a search node's passages")
    most: int = Field(6, ge=1, le=50, description="quotes at most; of a model's own choice 6")
    naming: str = Field("", description="a template: only sentences that name this, themselves or by their heading")
    by: Literal["model", "words", "subject"] = Field(
        "model",
        description="without a model: words: what shares words with it; subject: what tells most of it, no two alike",
    )


class Answer(Node):
    """The answer to a question in the documents' own words, as research gives it first; empty where they do not tell."""

    kind: Literal["answer"]
    question: str = Field(min_length=1, description="a template")
    passages: str = Field("", description="an expression: a search node's passages; by default what a search finds")
    k: int = Field(8, ge=1, le=50, description="passages that the search returns")
    where: Filter | None = Field(None, description="which documents may answer (templates in its lists)")


class Write(Node):
    """Claims that answer a question, each with its quotes and checked against them; what they do not bear is quoted."""

    kind: Literal["write"]
    question: str = Field(min_length=1, description="a template")
    evidence: str = Field(min_length=1, description="an expression: quotes of read nodes")
    answer: bool = Field(False, description="also a short answer, drawn from the claims")


class Check(Node):
    """Whether quotes support a claim: supported, partial, contradicted or unsupported."""

    kind: Literal["check"]
    claim: str = Field(min_length=1, description="a template")
    evidence: str = Field(min_length=1, description="an expression: a read node's evidence")


class ToolNode(Node):
    """Calls a tool that `tools:` allows."""

    kind: Literal["tool"]
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict, description="templates")


class Python(Node):
    """Calls a function of the project's own tools/ folder, by name."""

    kind: Literal["python"]
    function: str
    arguments: dict[str, Any] = Field(default_factory=dict, description="templates")


class Agent(Node):
    """A model reaches a goal with tools, step by step."""

    kind: Literal["agent"]
    role: str = "default"
    goal: str = Field(min_length=1, description="a template")
    tools: tuple[str, ...] = Field(min_length=1, description="some of those under `tools:`")
    steps: int = Field(8, ge=1, le=100)


class Sub(Node):
    """Runs another graph or workflow; its output is this node's."""

    kind: Literal["graph"]
    graph: str
    inputs: dict[str, Any] = Field(default_factory=dict, description="templates")


class Map(Node):
    """Runs `nodes` once for each item of a list, several at a time; its output is the list of results."""

    kind: Literal["map"]
    over: str = Field(min_length=1, description="an expression: a list")
    item: str = Field("item", pattern=r"^[a-z_][a-z0-9_]*$", description="the item's name inside")
    label: str = Field("", max_length=200, description="what a person reads for each item (a template)")
    nodes: dict[str, Any] = Field(min_length=1)
    collect: Any = Field(None, description="the result of one item (templates); by default the last node's output")
    concurrency: int = Field(8, ge=1, le=64)
    max_items: int = Field(50, ge=1, le=5_000, description="items beyond this are left out, and a note says so")
    on_error: Literal["stop", "skip"] = Field("stop", description="skip leaves out an item that fails")


class Loop(Node):
    """Repeats `nodes` until a condition holds, at most `max_turns` times."""

    kind: Literal["loop"]
    nodes: dict[str, Any] = Field(min_length=1)
    edges: list[str] = Field(default_factory=list)
    until: str = Field(min_length=1, description="an expression")
    max_turns: int = Field(ge=1, le=1_000)


class BranchCase(Strict):
    model_config = ConfigDict(populate_by_name=True)

    condition: str = Field(alias="if", min_length=1, description="an expression")
    to: str


class Branch(Node):
    """Goes to the first case whose condition holds."""

    kind: Literal["branch"]
    cases: list[BranchCase] = Field(min_length=1)
    otherwise: str = "end"


class Vote(Node):
    """Asks the same several times and takes what most answers agree on."""

    kind: Literal["vote"]
    role: str = "default"
    system: str = ""
    prompt: str = Field(min_length=1)
    returns: Any
    on: str = Field("", description="the field that is counted; by default the whole answer")
    samples: int = Field(5, ge=2, le=50)
    temperature: float = Field(0.7, gt=0, le=2)
    max_tokens: int = Field(256, ge=1, le=32_768)


class Approve(Node):
    """A person confirms or edits a value; the run waits as long as it takes."""

    kind: Literal["approve"]
    message: str = Field("", description="a template")
    value: Any = Field(None, description="what may be edited (templates)")
    required: bool = Field(True, description="a no ends the run; false lets the workflow decide")


class Set(Node):
    """Computes values from what is there."""

    kind: Literal["set"]
    values: dict[str, Any] = Field(min_length=1, description="templates")


KINDS: dict[str, type[Node]] = {
    "llm": Llm, "search": Search, "read": Read, "answer": Answer, "write": Write, "check": Check, "tool": ToolNode, "agent": Agent, "graph": Sub,
    "map": Map, "branch": Branch, "loop": Loop, "vote": Vote, "approve": Approve, "python": Python, "set": Set,
}  # fmt: skip
NOT_IN_A_MAP = {"map", "loop", "branch"}
# Modules of this folder that hold one kind each: `Kind`, `perform` and `shape` (CONTRIBUTING.md).
FILES: tuple[str, ...] = ()
OWN = [import_module(f"{__package__}.{name}") for name in FILES]
KINDS |= {module.__name__.rpartition(".")[2]: module.Kind for module in OWN}
