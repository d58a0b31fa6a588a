"""What a run of the research graph has found so far, as its state holds it, and in the end as its report."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.corpus.quote_store import QuoteStore
from agentflow.events import EvidenceFound
from agentflow.research.question.follow_up import follows_of
from agentflow.research.question.planning import is_broad
from agentflow.research.reply import Reply
from agentflow.research.report.schema import Claim, Conflict, Findings, Open, Quote, Unread

COVERED = 0.55  # of a question by its answer's passage; below it the answer may rest on what was not read yet


class Finding(TypedDict):
    """A quote's id, the question it was read for, its relevance."""

    quote: str
    question: str
    relevance: float


class Answered(TypedDict):
    """One part of the question: its answer, the quote that bears it, how much of the part that passage covers; `rows`, the ids of
    further quotes that it was computed from."""

    question: str
    text: str
    quote: str
    support: str
    covered: float
    rows: NotRequired[list[str]]


def keep(context: Context, evidence: Evidence, question: str, relevance: float) -> Finding:
    """Stores a quote for good and tells that it was found."""
    context.quotes.save([evidence])
    context.emit(
        EvidenceFound(
            evidence=evidence.id, question=question, quote=evidence.quote, place=evidence.place, relevance=relevance
        )
    )
    return Finding(quote=evidence.id, question=question, relevance=relevance)


def settled(item: Answered | None) -> bool:
    return item is not None and item["support"] == "supported" and item["covered"] >= COVERED


def better(old: Answered | None, reply: Reply) -> Answered:
    """The new answer unless it covers less of the question than the old one."""
    assert reply.evidence is not None
    new = Answered(
        question=reply.question, text=reply.text, quote=reply.evidence.id, support=reply.support, covered=reply.covered
    )  # fmt: skip
    if reply.rows:
        new["rows"] = [item.id for item in reply.rows]
    return new if old is None or new["covered"] >= old["covered"] - 0.1 else old


def best(state: Mapping[str, Any]) -> list[str]:
    """Ids of the most relevant quotes, each once."""
    ranked = sorted(state.get("found", []), key=lambda item: -item["relevance"])
    return list(dict.fromkeys(item["quote"] for item in ranked))[: state["most_evidence"]]


def findings(state: Mapping[str, Any], store: QuoteStore, text: str, notes: list[str]) -> Findings:
    relevance = {item["quote"]: item for item in sorted(state.get("found", []), key=lambda item: item["relevance"])}
    cited = [quote for claim in state["claims"] for quote in claim["quotes"]]
    against = [conflict["quote"] for conflict in state.get("conflicts", [])]
    beside = best(state) if is_broad(state["question"]) else state.get("near", [])
    ids = list(dict.fromkeys([*cited, *against, *beside]))
    number = {id: place for place, id in enumerate(ids, 1)}
    quotes = [
        Quote.of(item, number[item.id], relevance[item.id]["question"], relevance[item.id]["relevance"])
        for item in store.load(ids)
    ]
    disagreeing = dict.fromkeys((conflict["claim"], conflict["quote"]) for conflict in state.get("conflicts", []))
    told = state.get("subject") is not None and state["claims"]
    answered = set(state["plan"]) if told else {item["question"] for item in state["answers"]}
    held = sum(claim["support"] == "supported" and "was" not in claim for claim in state["claims"])
    return Findings(
        question=state["question"],
        answer=text,
        plan=state["plan"],
        claims=[
            Claim(text=claim["text"], support=claim["support"], evidence=[number[id] for id in claim["quotes"]])
            for claim in state["claims"]
        ],
        evidence=quotes,
        conflicts=[Conflict(claim=claim, evidence=number[quote]) for claim, quote in disagreeing],
        not_found=[Open(question=q, tried=state["tried"]) for q in state["plan"] if q not in answered],
        follows=follows_of(state),
        support_rate=held / state["written"] if state["written"] else 0.0,
        notes=list(dict.fromkeys(notes)),
        unread=[Unread(path=url, reason=reason) for url, reason in state.get("unread", [])],
    )
