"""Asks sites about a finished report: whether their quotes are unchanged, and the verdicts of sites that release nothing else."""

from collections.abc import Sequence
from typing import Any

from agentflow.context import Context
from agentflow.corpus.site_copies import SiteCopies
from agentflow.federation.checks import sha256_of
from agentflow.federation.client import SiteClient
from agentflow.federation.wire import EvidenceAsked, QuoteAsked, Verdicts, VerdictsAsked
from agentflow.research.report.schema import Findings, Quote, SiteVerdict


async def with_sites(context: Context, findings: Findings) -> Findings:
    """The findings as the sites see them. Recorded, for a replay; without sites nothing is asked."""
    if not context.sites:
        return findings
    request = {
        "quotes": [quote.quote for quote in findings.evidence],
        "claims": [claim.text for claim in findings.claims],
    }

    async def perform() -> dict[str, Any]:
        states, notes = await quotes_now(context, findings.evidence)
        verdicts, more = await verdicts_on(context, findings)
        return {"states": states, "verdicts": [each.model_dump() for each in verdicts], "notes": notes + more}

    told, _ = await context.journal.call("read", "sites", request, perform)
    evidence = [
        quote.model_copy(update={"file": told["states"].get(str(quote.id), quote.file)}) for quote in findings.evidence
    ]
    verdicts = [SiteVerdict(**each) for each in told["verdicts"]]
    notes = list(dict.fromkeys(findings.notes + told["notes"]))
    return findings.model_copy(update={"evidence": evidence, "verdicts": verdicts, "notes": notes})


async def quotes_now(context: Context, quotes: Sequence[Quote]) -> tuple[dict[str, str], list[str]]:
    """By the quote's number what its site says has become of it, and notes on what is not known."""
    asked = {
        name: [
            (quote, place) for quote in quotes if quote.site == name and (place := _place(context.corpus.copies, quote))
        ]
        for name in {quote.site for quote in quotes if quote.site in context.sites.clients}
    }
    clients = [context.sites.clients[name] for name in sorted(asked) if asked[name]]
    replies = await context.sites.ask(
        clients, lambda client: client.evidence(EvidenceAsked(quotes=[place for _, place in asked[client.name]]))
    )
    states: dict[str, str] = {}
    notes: list[str] = []
    for reply in replies:
        if reply.answer is None:
            notes.append(f"site {reply.site} {reply.trouble}: whether its quotes still stand there is not known")
        for (quote, _), now in zip(asked[reply.site], reply.answer or (), strict=False):
            same = now.state == "same" and now.sha256 == sha256_of(quote.quote)
            states[str(quote.id)] = "same" if same else "gone" if now.state == "gone" else "changed"
    return states, notes


def _place(copies: SiteCopies, quote: Quote) -> QuoteAsked | None:
    """Where it was quoted from."""
    for version in reversed(copies.received([quote.path]).get(quote.path, [])):
        for passage in copies.of_document(version.id):
            if (at := passage.text.find(quote.quote)) >= 0:
                start = passage.start + at
                return QuoteAsked(path=version.path, sha256=version.sha256, start=start, end=start + len(quote.quote))
    return None


async def verdicts_on(context: Context, findings: Findings) -> tuple[list[SiteVerdict], list[str]]:
    """Of the sites that give verdicts alone. The claims, which are words of documents, go only where they may (`send`)."""
    claims = [claim.text for claim in findings.claims]

    async def ask(client: SiteClient) -> Verdicts:
        sent = claims if client.settings.send == "claims" else []
        return await client.verdicts(VerdictsAsked(question=findings.question, claims=sent))

    replies = await context.sites.ask(context.sites.giving("claims"), ask)
    notes = [f"site {reply.site} {reply.trouble}: its verdict is missing" for reply in replies if reply.answer is None]
    verdicts = [
        SiteVerdict(site=reply.site, claim=number, **verdict.model_dump())
        for reply in replies
        if reply.answer
        for number, verdict in enumerate([reply.answer.question, *reply.answer.claims], -1)
        if verdict
    ]
    return verdicts, notes
