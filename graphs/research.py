"""Answers a question from the corpus: plan, search and read in parallel, reflect, write, check, report.

Every claim rests on exact quotes. Too little evidence ends as "not enough evidence", never as an invention.
"""

from operator import add
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel, ConfigDict, Field

from agentflow.context import Context
from agentflow.errors import BudgetSpent
from agentflow.events import ClaimChecked, ClaimMade, EvidenceFound, PlanMade, Searched
from agentflow.models.failures import Malformed
from agentflow.research.checking import check as check_claim
from agentflow.research.checking import rivals
from agentflow.research.contract import Claim, Conflict, Findings, Open, Quote
from agentflow.research.ledger import Ledger
from agentflow.research.planning import plan as plan_questions
from agentflow.research.planning import reflect as what_is_open
from agentflow.research.reading import is_small, read
from agentflow.research.sources import with_sources
from agentflow.research.writing import Draft, quoted
from agentflow.research.writing import answer as short_answer
from agentflow.research.writing import write as write_claims

ROLES = ("planner", "reader", "writer", "checker")
CUT_SHORT = (BudgetSpent, Malformed)  # the graph goes on with what it has, and the report says so
MOST_QUOTED = 3  # claims, where the quotes speak for themselves


class Inputs(BaseModel):
    """What a person gives."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=2000)
    k: int = Field(8, ge=1, le=50, description="passages read for each sub-question")
    rounds: int = Field(1, ge=0, le=5, description="further rounds of search when something is open")
    most_evidence: int = Field(12, ge=1, le=50, description="quotes given to the writer")
    approve: bool = Field(False, description="stop after the plan, so that a person may edit it")


class Finding(TypedDict):
    """A quote's id, the sub-question it was read for, its relevance."""

    quote: str
    question: str
    relevance: float


class State(TypedDict, total=False):
    question: str
    k: int
    rounds: int
    most_evidence: int
    approve: bool
    plan: list[str]
    queries: list[str]
    tried: Annotated[list[str], add]
    found: Annotated[list[Finding], add]
    round: int
    claims: list[dict[str, Any]]  # text, quotes (ids), support
    written: int  # claims as first written, supported or not
    conflicts: list[dict[str, Any]]
    notes: Annotated[list[str], add]
    output: dict[str, Any]
    status: str


class Lookup(TypedDict):
    """One branch of the fan-out: what to search for, and the sub-question it serves."""

    question: str
    query: str
    k: int


Services = Runtime[Context]


async def plan(state: State, runtime: Services) -> dict[str, Any]:
    context = runtime.context
    try:
        questions, queries = await plan_questions(context, state["question"])
    except CUT_SHORT as reason:
        context.note(f"not planned: {reason}", "warning")
        questions, queries = [state["question"]], []
    context.emit(PlanMade(questions=questions))
    return {"plan": questions, "queries": queries, "round": 0, "notes": context.notes()}


async def approve(state: State, runtime: Services) -> dict[str, Any]:
    """A person may edit the plan; the run waits as long as it takes."""
    if not state.get("approve"):
        return {}
    edited = interrupt({"kind": "plan", "plan": state["plan"]})
    questions = [question for question in edited.get("plan", []) if question.strip()] or state["plan"]
    runtime.context.emit(PlanMade(questions=questions))
    return {"plan": questions}


def fan_out(state: State) -> list[Send]:
    lookups = [(item, item) for item in state["plan"]] + [
        (state["plan"][0], query) for query in state.get("queries", [])
    ]
    return [Send("investigate", Lookup(question=question, query=query, k=state["k"])) for question, query in lookups]


async def investigate(state: Lookup, runtime: Services) -> dict[str, Any]:
    context, question, query = runtime.context, state["question"], state["query"]
    passages = await context.searcher.search(query, k=state["k"])
    context.emit(Searched(query=query, passages=len(passages)))
    try:
        found = await read(context, question, passages)
    except CUT_SHORT as reason:
        context.note(f"not read for {query!r}: {reason}", "warning")
        found = []
    Ledger(context.project.database).save(item for item, _ in found)
    for item, relevance in found:
        context.emit(
            EvidenceFound(evidence=item.id, question=question, quote=item.quote, place=item.place, relevance=relevance)
        )
    return {
        "tried": [query],
        "found": [Finding(quote=item.id, question=question, relevance=relevance) for item, relevance in found],
        "notes": context.notes(),
    }


async def reflect(state: State, runtime: Services) -> Command[str]:
    """Search again for what is open, within the rounds and the budget; else write."""
    context = runtime.context
    if state["round"] >= state["rounds"]:
        return Command(goto="write")
    quotes = {question: _texts(context, state, question) for question in state["plan"]}
    try:
        retries = await what_is_open(context, quotes, state["tried"])
    except CUT_SHORT as reason:
        context.note(f"not searched again: {reason}", "warning")
        retries = []
    lookups: list[Any] = [Send("investigate", Lookup(question=q, query=query, k=state["k"])) for q, query in retries]
    return Command(update={"round": state["round"] + 1, "notes": context.notes()}, goto=lookups or "write")


async def write(state: State, runtime: Services) -> dict[str, Any]:
    context = runtime.context
    evidence = Ledger(context.project.database).load(best(state))
    if not evidence:
        return {"claims": [], "written": 0}
    drafts = [quoted(item) for item in evidence[:MOST_QUOTED]]  # all that a small model can be trusted with
    if not is_small(context, "writer"):
        try:
            drafts = await write_claims(context, state["question"], evidence)
        except CUT_SHORT as reason:
            context.note(f"not written: {reason}; the best quotes stand as they are", "warning")
    for number, draft in enumerate(drafts, 1):
        context.emit(ClaimMade(claim=number, text=draft.text, evidence=[item.id for item in draft.evidence]))
    claims = [{"text": draft.text, "quotes": [item.id for item in draft.evidence], "support": ""} for draft in drafts]
    return {"claims": claims, "written": len(claims), "notes": context.notes()}


async def check(state: State, runtime: Services) -> dict[str, Any]:
    """Each claim against its quotes; then against quotes of other documents that may contradict it."""
    context, ledger = runtime.context, Ledger(runtime.context.project.database)
    everything = ledger.load(best(state))
    claims, conflicts = [], []
    for index, claim in enumerate(state["claims"]):
        cited = ledger.load(claim["quotes"])
        try:
            support = await check_claim(context, claim["text"], cited)
            for rival in rivals(claim["text"], cited, everything):
                if await check_claim(context, claim["text"], [rival]) == "contradicted":
                    conflicts.append({"claim": index, "quote": rival.id})
        except CUT_SHORT as reason:
            context.note(f"claim {index + 1} not checked: {reason}", "warning")
            support = "unsupported"
        context.emit(ClaimChecked(claim=index + 1, support=support))
        claims.append({**claim, "support": support})
    return {"claims": claims, "conflicts": conflicts, "notes": context.notes()}


async def revise(state: State, runtime: Services) -> dict[str, Any]:
    """A claim that its quotes do not bear gives way to the quote it rests on: nothing is said without a source."""
    context, ledger = runtime.context, Ledger(runtime.context.project.database)
    kept: dict[str, dict[str, Any]] = {}
    for number, claim in enumerate(state["claims"], 1):
        if claim["support"] in ("contradicted", "unsupported"):
            quote = ledger.load(claim["quotes"][:1])[0]
            context.note(f"claim {number} went beyond its quotes ({claim['support']}): the quote replaces it")
            claim = {"text": quote.text, "quotes": [quote.id], "was": claim["support"], "support": "supported"}
        kept.setdefault(claim["text"], claim)
    return {"claims": list(kept.values()), "notes": context.notes()}


async def report(state: State, runtime: Services) -> dict[str, Any]:
    context, ledger = runtime.context, Ledger(runtime.context.project.database)
    claims = state["claims"]
    drafts = [Draft(claim["text"], tuple(ledger.load(claim["quotes"]))) for claim in claims]
    try:
        answer = await short_answer(context, state["question"], drafts) if drafts else ""
    except CUT_SHORT:
        answer = drafts[0].text
    notes = [*state.get("notes", []), *context.notes()]
    found = await with_sources(context, findings(state, ledger, answer, notes))
    return {"output": found.model_dump(), "status": "answered" if claims else "insufficient"}


def best(state: State) -> list[str]:
    """Ids of the most relevant quotes, each once. Evidence for the question itself goes before that of its parts."""
    ranked = sorted(
        state.get("found", []), key=lambda item: (item["question"] != state["question"], -item["relevance"])
    )
    return list(dict.fromkeys(item["quote"] for item in ranked))[: state["most_evidence"]]


def findings(state: State, ledger: Ledger, answer: str, notes: list[str]) -> Findings:
    relevance = {item["quote"]: item for item in sorted(state.get("found", []), key=lambda item: item["relevance"])}
    ids = list(dict.fromkeys([quote for claim in state["claims"] for quote in claim["quotes"]] + best(state)))
    number = {id: place for place, id in enumerate(ids, 1)}
    quotes = [
        Quote(
            id=number[item.id], quote=item.quote, path=item.path, line=item.line, page=item.page, date=item.date,
            source=item.source, question=relevance[item.id]["question"], relevance=relevance[item.id]["relevance"],
        )
        for item in ledger.load(ids)
    ]  # fmt: skip
    answered = {item["question"] for item in state.get("found", [])}
    held = sum(claim["support"] == "supported" and "was" not in claim for claim in state["claims"])
    return Findings(
        question=state["question"],
        answer=answer,
        plan=state["plan"],
        claims=[
            Claim(text=claim["text"], support=claim["support"], evidence=[number[id] for id in claim["quotes"]])
            for claim in state["claims"]
        ],
        evidence=quotes,
        conflicts=[Conflict(claim=c["claim"], evidence=number[c["quote"]]) for c in state.get("conflicts", [])],
        not_found=[Open(question=q, tried=state["tried"]) for q in state["plan"] if q not in answered],
        support_rate=held / state["written"] if state["written"] else 0.0,
        notes=list(dict.fromkeys(notes)),
    )


def _texts(context: Context, state: State, question: str) -> list[str]:
    ids = [item["quote"] for item in state.get("found", []) if item["question"] == question]
    return [item.text for item in Ledger(context.project.database).load(ids[:3])]


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(plan)
    graph.add_node(approve)
    graph.add_node(investigate)
    graph.add_node(reflect, destinations=("investigate", "write"))
    graph.add_node(write)
    graph.add_node(check)
    graph.add_node(revise)
    graph.add_node(report)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "approve")
    graph.add_conditional_edges("approve", fan_out, ["investigate"])
    graph.add_edge("investigate", "reflect")
    graph.add_edge("write", "check")
    graph.add_edge("check", "revise")
    graph.add_edge("revise", "report")
    graph.add_edge("report", END)
    return graph
