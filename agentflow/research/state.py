"""What a run of the research graph is given, and what it holds between its steps."""

from operator import add
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from agentflow.corpus.filter import Filter
from agentflow.research.findings import Answered, Finding, settled
from agentflow.research.question.follow_up import Earlier
from agentflow.storage.strict import Closed


class Inputs(Closed):
    """What a person gives."""

    question: str = Field(min_length=1, max_length=2000)
    depth: Literal["quick", "normal", "deep"] = Field(
        "normal", description="quick: one search, one answer; deep: planned by the model; normal: as far as it needs"
    )
    k: int = Field(8, ge=1, le=50, description="passages searched for each question")
    rounds: int = Field(1, ge=0, le=5, description="further rounds of search when something is open")
    most_evidence: int = Field(12, ge=1, le=50, description="quotes in the report")
    approve: bool = Field(False, description="stop after the plan, so that a person may edit it")
    follows: Earlier | None = Field(None, description="the run before, of a follow-up question")
    web: bool = Field(False, description="ask the web as well, after the documents")
    knowledge: Literal["", "off", "same", "related"] = Field(
        "", description="what to do with claims of earlier runs; empty for what the project does"
    )


class Recalled(TypedDict):
    """What a run takes from earlier ones. `use` and `basis` are Findings' `knowledge` and `basis`. `output`: the whole answer,
    where it is known. `known`: ids of claims to read again, `chunks` the passages that hold their quotes."""

    use: str
    basis: str
    output: dict[str, Any] | None
    known: list[str]
    chunks: list[int]


class State(TypedDict, total=False):
    question: str
    depth: str
    k: int
    rounds: int
    most_evidence: int
    approve: bool
    follows: dict[str, Any] | None
    web: bool
    knowledge: str
    recalled: Recalled
    pages: list[str]  # copies of web pages that this run read, by stored path; set once the web was asked
    unread: list[tuple[str, str]]  # addresses that could not be read, with the reason
    asked: str  # the question in words that stand alone; of an overview its subject
    subject: str | None  # of an overview; empty for all that there is to read
    plan: list[str]
    listed: int  # documents that a list is of, of which the plan has the first
    searches: list[str]  # what to search for next
    named: list[int]  # passages to read next: those that the ones shown lead to
    chunks: list[int]  # passages shown so far, in the prompt's order: new ones behind the old, so the prefix stays
    tried: Annotated[list[str], add]
    answers: list[Answered]
    steps: list[str]  # ids of quotes that answers of several hops rest on; set once that was tried
    found: Annotated[list[Finding], add]
    round: int
    claims: list[dict[str, Any]]  # text, quotes (ids), support
    written: int  # claims as first written, supported or not
    conflicts: list[dict[str, Any]]
    near: list[str]  # ids of quotes to look at besides
    notes: Annotated[list[str], add]
    output: dict[str, Any]
    status: str


def own(state: State) -> Filter | None:
    """What a search of the documents leaves out: copies of web pages, which have their own turn."""
    return Filter() if state.get("web") else None


def unsettled(state: State) -> list[str]:
    known = {item["question"]: item for item in state.get("answers", [])}
    return [question for question in state["plan"] if not settled(known.get(question))]
