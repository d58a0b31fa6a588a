"""What a run takes from earlier ones before it begins, and what it tells of that in the end.

A claim is never its own proof: its quotes are looked up again in the documents as they are now, and what a run took over
makes nothing known.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

from agentflow.context import Context
from agentflow.knowledge.basis import basis_of
from agentflow.knowledge.known_claim import KnownClaim, asked_the_same, day_of
from agentflow.knowledge.learn import learn
from agentflow.knowledge.settings import use_of
from agentflow.knowledge.standing import faults
from agentflow.knowledge.store import Knowledge
from agentflow.research.report.schema import Findings, Known
from agentflow.research.report.sources import changed, suspects
from agentflow.research.state import Recalled
from agentflow.text.words import content_words, coverage

MOST = 3  # earlier claims that a run reads again
NEAR = 0.5  # of the question's words, or cosine, from which an earlier claim may tell of it
LOOKED_AT = 40  # earlier claims compared by meaning


async def recalled(context: Context, question: str, told: str) -> Recalled:
    """`told` is what this run was told to do with knowledge, empty for what the project does. Recorded, for a replay."""

    async def perform() -> dict[str, Any]:
        use = told or use_of(context.project)
        nothing: dict[str, Any] = {"use": use, "basis": "", "output": None, "known": [], "chunks": []}
        if use == "off":
            return nothing
        knowledge = Knowledge(context.journal.store)
        learn(knowledge)
        run = knowledge.runs.load(context.run)
        basis = await basis_of(context, run)
        output = await asyncio.to_thread(repeated, context, knowledge, basis)
        if output is not None:
            return {**nothing, "output": output.model_dump()}
        claims = await related(context, knowledge.unretracted(run.requested_by, pinned=use != "related"), question)
        chunks = [chunk for claim in claims for chunk in passages_of(context, claim)]
        ids = [claim.id for claim in claims]
        return {**nothing, "basis": basis, "known": ids, "chunks": list(dict.fromkeys(chunks))}

    result, _ = await context.journal.call("read", "knowledge", {"question": question, "told": told}, perform)
    return cast("Recalled", result)


def repeated(context: Context, knowledge: Knowledge, basis: str) -> Findings | None:
    """The report of the newest run that answered the same from the same, when every claim of it is known and stands, and no
    file that may be searched has changed on disk."""
    for id in knowledge.with_basis(basis) if basis else []:
        claims = knowledge.of_run(id)
        run = knowledge.runs.load(id)
        if not claims or len(claims) != len(run.output["claims"]) or faults(context.corpus, claims):
            continue
        if changed(context.corpus, suspects(context.corpus)):
            return None
        findings = Findings.model_validate(run.output)
        told = [
            claim.model_copy(update={"known": _known(known, recalled=True)})
            for claim, known in zip(findings.claims, claims, strict=True)
        ]
        update = {"claims": told, "repeats": id, "basis": ""}
        return spoken(findings.model_copy(update=update))
    return None


async def related(context: Context, asked: Sequence[KnownClaim], question: str) -> list[KnownClaim]:
    """Of these claims the nearest to the question in words or meaning that stand, in documents that may be searched."""
    wanted = " ".join(content_words(question))
    told = {claim.id: f"{claim.question} {claim.text}" for claim in asked}
    ranked = sorted(asked, key=lambda claim: -coverage(wanted, told[claim.id]))[:LOOKED_AT]
    near = await context.searcher.similarity(question, [claim.question for claim in ranked]) if ranked else []
    alike = dict(zip((claim.id for claim in ranked), near, strict=False))
    scores = {claim.id: max(alike.get(claim.id, 0.0), coverage(wanted, told[claim.id])) for claim in ranked}
    best = sorted(
        (claim for claim in ranked if scores[claim.id] >= NEAR), key=lambda claim: (-claim.pinned, -scores[claim.id])
    )
    wrong = faults(context.corpus, best[: 2 * MOST])
    standing = (claim for claim in best[: 2 * MOST] if claim.id not in wrong and passages_of(context, claim))
    return list(standing)[:MOST]


def passages_of(context: Context, claim: KnownClaim) -> list[int]:
    """Ids of the passages that hold its quotes, where the run may search their documents."""
    scope = context.searcher.scope
    found = [
        context.corpus.rows(
            """SELECT chunks.id, chunks.document FROM chunks JOIN documents ON documents.id = chunks.document
               WHERE documents.path = ? AND chunks.start <= ? ORDER BY chunks.start DESC LIMIT 1""",
            [quote.path, quote.start],
        )
        for quote in claim.quotes
    ]
    return [chunk for rows in found for chunk, document in rows if scope is None or document in scope]


async def remembering(context: Context, state: Mapping[str, Any], findings: Findings) -> Findings:
    """The findings with what earlier runs and a person had told of their claims. Recorded, for a replay."""
    before: Recalled | None = state.get("recalled")  # not of a fork of a run of an earlier version
    if before is None or before["use"] == "off":
        return findings
    request = {"claims": [claim.text for claim in findings.claims], "known": before["known"]}

    async def perform() -> dict[str, Any]:
        knowledge = Knowledge(context.journal.store)
        run = knowledge.runs.load(context.run)
        used = {quote.span: claim for claim in knowledge.load(before["known"]) for quote in claim.quotes}
        said = {quote.span: claim for claim in knowledge.spoken_of(run.requested_by) for quote in claim.quotes}
        rests = {quote.id: quote.span for quote in findings.evidence}
        told = []
        for claim in findings.claims:
            places = [rests[id] for id in claim.evidence]
            earlier = next((used[place] for place in places if place in used), None)
            known = earlier or next((said[place] for place in places if place in said), None)
            told.append(_known(known, recalled=earlier is not None).model_dump() if known else None)
        same = before["basis"] != "" and before["basis"] == await basis_of(context, run)
        return {"told": told, "basis": before["basis"] if same else ""}

    found, _ = await context.journal.call("read", "known claims", request, perform)
    claims = [
        claim.model_copy(update={"known": Known(**known) if known else None})
        for claim, known in zip(findings.claims, found["told"], strict=True)
    ]
    return spoken(findings.model_copy(update={"claims": claims, "basis": found["basis"], "knowledge": before["use"]}))


def spoken(findings: Findings) -> Findings:
    """The answer with a person's word on its claims. A correction comes first where it is of this answer to this question;
    another question may ask something else of the same sentence."""
    answer = findings.answer
    for claim in findings.claims if answer else []:
        known = claim.known
        if known is None or not (known.retracted or known.correction):
            continue
        if known.retracted:
            answer = f"{answer} (a person retracted this on {known.said}: {known.retracted})"
        elif asked_the_same(known.question) == asked_the_same(findings.question) and coverage(answer, claim.text) == 1:
            answer = f"{known.correction} (corrected by a person on {known.said}; the documents say: {answer})"
        else:
            answer = f"{answer} (a person corrected what this rests on, on {known.said}: {known.correction})"
    return findings.model_copy(update={"answer": answer})


def _known(claim: KnownClaim, *, recalled: bool) -> Known:
    return Known(
        id=claim.id, question=claim.question, run=claim.run, date=claim.day, recalled=recalled,
        correction=claim.correction, note=claim.note, retracted=claim.retracted if claim.by_person else "",
        said=day_of(claim.said) if claim.said else "",
    )  # fmt: skip
