"""What finished runs have verified becomes known; what they contradict counts no more.

The runs are the truth: each is looked at once, whenever somebody asks next, so a process that dies in between loses nothing.
"""

import hashlib
import json
from dataclasses import replace

from agentflow.knowledge.known_claim import KnownClaim, asked_the_same
from agentflow.knowledge.store import Knowledge
from agentflow.research.conflicts import differs
from agentflow.research.report.of_run import findings_of
from agentflow.research.report.schema import Claim, Findings, Quote
from agentflow.runs.errors import Damaged
from agentflow.runs.run import Run


def learn(knowledge: Knowledge) -> None:
    """Takes in the claims of runs that ended since."""
    knowledge.forget_deleted()
    for id in knowledge.unread():
        try:
            run = knowledge.runs.load(id)
        except Damaged:  # `agentflow runs verify` names it
            continue
        take_in(knowledge, run)


def take_in(knowledge: Knowledge, run: Run) -> None:
    """Its claims, where its report says that they may be remembered. A fork's are not: somebody has changed it."""
    findings = findings_of(run.output)
    if findings is None or findings.knowledge == "off" or run.parent:
        knowledge.take_in(run.id, "", [])
        return
    claims = verified(run, findings)
    with knowledge.runs.write():
        for claim, reason in contradicted(knowledge, run, findings):
            knowledge.contradict(claim, reason)
        own = not any(claim.known for claim in findings.claims)  # its answer holds no other run's or person's word
        basis = findings.basis if own else ""
        knowledge.take_in(run.id, basis, claims)


def verified(run: Run, findings: Findings) -> list[KnownClaim]:
    """Claims that their quotes bear, that nothing contradicts, and that rest on documents of this project alone: another
    site decides each time what it hands out. What rests on an earlier run's claim confirms nothing."""
    quotes = {quote.id: quote for quote in findings.evidence}
    contested = {conflict.claim for conflict in findings.conflicts}
    found = []
    for place, claim in enumerate(findings.claims):
        rests = [quotes[id] for id in claim.evidence]
        recalled = claim.known is not None and claim.known.recalled
        if claim.support == "supported" and place not in contested and not recalled and all(map(is_whole, rests)):
            found.append(_known(run, findings, claim, rests))
    return found


def is_whole(quote: Quote) -> bool:
    """Whether it can be checked again: in a document of this project that was then as it had been read."""
    return bool(quote.sha256) and not quote.site and quote.file == "same"


def contradicted(knowledge: Knowledge, run: Run, findings: Findings) -> list[tuple[KnownClaim, str]]:
    """Claims of earlier runs on whose quote this one found another document to say otherwise, or whose question it answers
    otherwise."""
    if findings.repeats:
        return []
    quotes = {quote.id: quote for quote in findings.evidence}
    sides = {quotes[id].span for item in findings.conflicts
             for id in (*findings.claims[item.claim].evidence, item.evidence)}  # fmt: skip
    earlier = knowledge.unretracted(run.requested_by, pinned=False) if sides else []
    found = [
        (claim, f"run {run.id} found documents that disagree on it")
        for claim in earlier
        if any(quote.span in sides for quote in claim.quotes)
    ]
    question = asked_the_same(findings.question)
    for claim in knowledge.on_question(question, run.requested_by):
        if asked_the_same(claim.question) == question and differs(claim.answer, findings.answer):
            found.append((claim, f"run {run.id} answers otherwise: {findings.answer}"))
    return found


def _known(run: Run, findings: Findings, claim: Claim, rests: list[Quote]) -> KnownClaim:
    known = KnownClaim(
        "",
        claim.text,
        findings.question,
        findings.answer,
        run.id,
        run.ended or run.created,
        run.requested_by,
        tuple(rests),
    )
    key = json.dumps([known.requested_by, known.text, sorted(quote.span for quote in rests)])
    return replace(known, id=hashlib.sha256(key.encode()).hexdigest()[:12])
