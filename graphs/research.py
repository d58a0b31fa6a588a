"""Answers a question from the corpus: answer first, verify, deepen.

One call over the best passages answers every part of the question and names a sentence for each, so the floor is plain
retrieval-augmented generation, over what these passages name as well. The engine copies the sentences and checks them. What
stays open is searched for again by such names, and asked again behind the same passages. Too little evidence ends as "not enough
evidence", never as an invention.
"""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from agentflow.context import Context
from agentflow.corpus.filter import Filter
from agentflow.corpus.search.rarity import holders
from agentflow.events import ClaimChecked, ClaimMade, PlanMade, Searched
from agentflow.knowledge.recall import recalled, remembering
from agentflow.research.abilities import can
from agentflow.research.conflicts import disagreements
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.each_place import at_each_place
from agentflow.research.findings import Finding, better, findings, keep
from agentflow.research.forms.labelled import value_of
from agentflow.research.forms.records import MOST, records
from agentflow.research.gathering import by_turns, expand, passages_of, read_over
from agentflow.research.hops import answer_by_steps
from agentflow.research.nearby import nearby
from agentflow.research.overview import documents_meant, overview, subject
from agentflow.research.passages.placed import of_the_place, search_placed
from agentflow.research.passages.shown import ROOM
from agentflow.research.question.follow_up import resolve_follow_up
from agentflow.research.question.parts import parts
from agentflow.research.question.planning import is_broad
from agentflow.research.question.planning import plan as plan_questions
from agentflow.research.question.spelling import plainly
from agentflow.research.reply import Reply
from agentflow.research.report.site_answers import with_sites
from agentflow.research.report.sources import with_sources
from agentflow.research.searching import search_beside, search_each
from agentflow.research.short_answer import short_answer
from agentflow.research.state import Inputs, State, own, unsettled
from agentflow.research.two_sides import answer_all
from agentflow.research.verification import check as check_claim
from agentflow.research.writing import alike_joined, computed, quoted
from agentflow.web.consult import consult

__all__ = ["ROLES", "TOOLS", "Inputs", "build"]

SPREAD = 3  # passages of one document in an overview
TOLD = 3  # searches by name that the report tells of
ROLES = ("planner", "reader", "writer", "checker", "judge")
TOOLS = ("web_search", "read_page")  # for `web` alone, and off unless tools.yaml turns the network on
Services = Runtime[Context]


async def recall(state: State, runtime: Services) -> Command[str]:
    """The answer at once where an earlier run has verified it from the same documents; else what is known beforehand."""
    known = await recalled(runtime.context, state["question"], state.get("knowledge", ""))
    if known["output"] is not None:
        return Command(goto=END, update={"output": known["output"], "status": "answered"})
    return Command(goto="plan", update={"recalled": known})


async def plan(state: State, runtime: Services) -> dict[str, Any]:
    """The parts of the question, by its own words; a deep run and an overview ask the planner. What is told of a subject
    has no parts."""
    context = runtime.context
    question, linked = await resolve_follow_up(context, plainly(context, state["question"]), state.get("follows"))
    about = subject(question)
    joined = parts(question, lambda words: holders(context.corpus, words) > 0)
    questions = at_each_place(context, question, joined) if about is None else [question]
    if state["depth"] == "deep" or (state["depth"] == "normal" and is_broad(question)):
        try:
            questions = await plan_questions(context, question) if can(context, "planner", "plan") else questions
        except CUT_SHORT as reason:
            context.note(f"not planned: {reason}", "warning")
    if listed := records(context.corpus, question, context.searcher.scope):
        questions = [f"{record.title}: {value_of(record.line)}?" for record in listed[:MOST]]
        linked = [*linked, *(record.chunk for record in listed[:MOST])]
    context.emit(PlanMade(questions=questions))
    searches = list(dict.fromkeys([question, *questions])) if about is None else [about, *questions[1:]]
    if about and (documents := documents_meant(context.corpus, about, context.searcher.scope)):
        about, searches, linked = "", [], passages_of(context, documents)
    chunks = [*linked, *(state["recalled"]["chunks"] if "recalled" in state else [])]
    start = {"asked": about or question, "subject": about, "searches": searches, "chunks": chunks, "round": 0}
    return {**start, "plan": questions, "listed": len(listed), "notes": context.notes()}


async def approve(state: State, runtime: Services) -> dict[str, Any]:
    """A person may edit the plan; the run waits as long as it takes."""
    if not state.get("approve"):
        return {}
    edited = interrupt({"kind": "plan", "plan": state["plan"]})
    questions = [question for question in edited.get("plan", []) if question.strip()] or state["plan"]
    runtime.context.emit(PlanMade(questions=questions))
    if questions == state["plan"]:
        return {}
    return {"plan": questions, "searches": questions, "subject": None}


async def search(state: State, runtime: Services) -> dict[str, Any]:
    """The best passages of every search, or the first of the newest documents where there is nothing to search for; in a
    further round those that the ones shown lead to, behind them."""
    context = runtime.context
    context.models.warm("reader")  # it loads while the embedder searches
    most = SPREAD if state.get("subject") is not None or is_broad(state["asked"]) else None
    queries = [query for query in state["searches"] if query]
    lists = await search_each(context, queries, state["asked"], state["k"], own(state), most)
    if state["depth"] != "quick" and most is None and can(context, "reader", "point"):  # the words of others stray
        lists = await search_beside(context, queries, lists, state["asked"], state["k"], own(state))
    if state.get("subject") != "" and (
        there := await search_placed(context, state["question"], state["k"], own(state))
    ):
        lists.insert(0, there)
    chunks = await read_over(context, state, lists, own(state))
    return {"chunks": chunks, "tried": state["searches"], "searches": [], "named": [], "notes": context.notes()}


async def answer(state: State, runtime: Services) -> dict[str, Any]:
    """All open parts at once over the same passages; a subject has none. A part that was answered keeps its answer unless the
    new one is better founded."""
    context = runtime.context
    passages = context.corpus.passages(state["chunks"])
    known = {item["question"]: item for item in state.get("answers", [])}
    wanted = unsettled(state) if state.get("subject") is None else []
    replies: list[Reply] = []
    if passages and wanted:
        try:
            replies = await answer_all(context, wanted, passages, state["k"], own(state))
        except CUT_SHORT as reason:
            context.note(f"not answered from {len(passages)} passages: {reason}", "warning")
    found = []
    for reply in replies:
        if reply.evidence is None:
            continue
        for evidence in (reply.evidence, *reply.rows):
            found.append(keep(context, evidence, reply.question, max(0.5, reply.covered)))
        known[reply.question] = better(known.get(reply.question), reply)
    answers = [known[question] for question in state["plan"] if question in known]
    return {"answers": answers, "found": found, "notes": context.notes()}


async def web(state: State, runtime: Services) -> dict[str, Any]:
    """What the documents left open is asked of the web; what they settled as well, so that the other side is heard. The
    documents' passages stay in front."""
    context = runtime.context
    questions = unsettled(state) or state["plan"]
    if state.get("follows"):  # its plan may hold words of an earlier answer, which come from documents
        questions = [state["question"]]
    pages, unread = await consult(context, questions)
    where = Filter(roots=pages, web=pages)
    lists = [await context.searcher.search(query, k=state["k"], where=where) for query in questions if pages]
    turns = by_turns(lists, state["k"])
    context.emit(Searched(query="; ".join(questions), passages=len(turns)))
    room = max(ROOM // 2, ROOM - len(turns))
    chunks = list(dict.fromkeys([*state["chunks"][:room], *turns]))[:ROOM]
    return {"pages": pages, "unread": unread, "chunks": chunks, "notes": context.notes()}


async def deepen(state: State, runtime: Services) -> Command[str]:
    """The web once, if asked for; step by step, once; then search again for what is open, within the rounds and the budget;
    else write."""
    context = runtime.context
    wanted, points = unsettled(state), can(context, "reader", "point")
    spent = context.budget.exhausted() is not None
    if state.get("web") and "pages" not in state and not spent:
        return Command(goto="web")
    if (
        not wanted
        or state.get("subject") is not None
        or spent
        or state["depth"] == "quick"
        or state["round"] >= state["rounds"]
        or not state["chunks"]
    ):
        return Command(goto="write")
    if "steps" not in state and points and not is_broad(state["asked"]):
        return Command(goto="hop")
    if points:  # more passages lead such a model from a right answer as often as to one
        answered = {item["question"] for item in state["answers"]}
        wanted = [question for question in wanted if question not in answered]
    queries, named = await expand(context, wanted, context.corpus.passages(state["chunks"]), own(state))
    if not named:
        return Command(goto="write")
    update = {"round": state["round"] + 1, "named": named, "tried": queries[:TOLD], "notes": context.notes()}
    return Command(update=update, goto="search")


async def hop(state: State, runtime: Services) -> dict[str, Any]:
    """What is open is taken step by step, where something has to be found first."""
    context = runtime.context
    shown = context.corpus.passages(state["chunks"])
    known = {item["question"]: item for item in state["answers"]}
    steps, found = list[str](), list[Finding]()
    for question in unsettled(state):
        try:
            answer, leading, more = await answer_by_steps(
                context, question, known.get(question), shown, state["k"], own(state)
            )
        except CUT_SHORT as reason:
            context.note(f"not asked step by step: {reason}", "warning")
            continue
        known |= {question: answer} if answer else {}
        steps += leading
        found += more
    answers = [known[question] for question in state["plan"] if question in known]
    return {"answers": answers, "steps": steps, "found": found, "notes": context.notes()}


async def write(state: State, runtime: Services) -> dict[str, Any]:
    """Claims: the sentence behind each answer; of an overview also what else the passages say, in the writer's words
    where it can write and in the documents' own where not."""
    context = runtime.context
    resting = [*state.get("steps", []), *(item["quote"] for item in state["answers"] if not item.get("rows"))]
    drafts = [quoted(evidence) for evidence in context.quotes.load(resting)]
    drafts += [computed(context, item) for item in state["answers"] if item.get("rows")]
    passages = context.corpus.passages(state["chunks"])
    if state.get("subject") is not None or is_broad(state["question"]):
        about = "" if state.get("subject") == "" else state["asked"]
        there = of_the_place(context.corpus, state["question"], passages)
        more, beside = await overview(context, state["question"], about, there, state["most_evidence"])
        drafts += more
    else:
        answered = {item["question"]: item["quote"] for item in state["answers"]}
        left = [question for question in state["plan"] if question not in answered]
        there = of_the_place(context.corpus, state["asked"], passages)
        beside = await nearby(context, left or [state["asked"]], there, answered.values(), answered=not left)
    found = [keep(context, evidence, state["question"], score) for evidence, score in beside]
    kept = alike_joined(drafts)
    for number, draft in enumerate(kept, 1):
        context.emit(ClaimMade(claim=number, text=draft.text, evidence=[item.id for item in draft.evidence]))
    claims = [
        {"text": draft.text, "quotes": [item.id for item in draft.evidence], "support": draft.support} for draft in kept
    ]
    near = [finding["quote"] for finding in found]
    return {"claims": claims, "written": len(claims), "found": found, "near": near, "notes": context.notes()}


async def check(state: State, runtime: Services) -> dict[str, Any]:
    """Each claim against its quotes; then each answer against other documents that may tell it otherwise."""
    context = runtime.context
    claims: list[dict[str, Any]] = []
    for index, claim in enumerate(state["claims"]):
        try:
            support = claim["support"] or await check_claim(
                context, claim["text"], context.quotes.load(claim["quotes"])
            )
        except CUT_SHORT as reason:
            context.note(f"claim {index + 1} not checked: {reason}", "warning")
            support = "unsupported"
        context.emit(ClaimChecked(claim=index + 1, support=support))
        claims.append({**claim, "support": support})
    conflicts, found = await disagreements(context, state["answers"], claims, state["chunks"])
    return {"claims": claims, "conflicts": conflicts, "found": found, "notes": context.notes()}


async def revise(state: State, runtime: Services) -> dict[str, Any]:
    """A claim that its quotes do not bear gives way to the quote it rests on: nothing is said without a source."""
    context = runtime.context
    claims = []
    for number, claim in enumerate(state["claims"], 1):
        if claim["support"] in ("contradicted", "unsupported"):
            quote = context.quotes.load(claim["quotes"][:1])[0]
            context.note(f"claim {number} went beyond its quotes ({claim['support']}): the quote replaces it")
            claim = {"text": quote.text, "quotes": [quote.id], "was": claim["support"], "support": "supported"}
        claims.append(claim)
    return {"claims": claims, "notes": context.notes()}


async def report(state: State, runtime: Services) -> dict[str, Any]:
    context = runtime.context
    notes = [*state.get("notes", []), *context.notes()]
    text = short_answer(context, state)
    sourced = await with_sources(context, findings(state, context.quotes, text, notes))
    output = await remembering(context, state, await with_sites(context, sourced))
    return {"output": output.model_dump(), "status": "answered" if text else "insufficient"}


def build() -> StateGraph[State, Context, State, State]:
    graph = StateGraph(State, context_schema=Context)
    for node in (plan, approve, search, answer, web, hop, write, check, revise, report):
        graph.add_node(node)
    graph.add_node(recall, destinations=("plan", END))
    graph.add_node(deepen, destinations=("web", "hop", "search", "write"))
    graph.add_edge(START, "recall")
    graph.add_edge("plan", "approve")
    graph.add_edge("approve", "search")
    graph.add_edge("search", "answer")
    graph.add_edge("answer", "deepen")
    graph.add_edge("web", "answer")
    graph.add_edge("hop", "deepen")
    graph.add_edge("write", "check")
    graph.add_edge("check", "revise")
    graph.add_edge("revise", "report")
    graph.add_edge("report", END)
    return graph
