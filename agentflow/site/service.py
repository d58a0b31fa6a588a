"""What a site answers, over one open engine: passages, whether quotes still stand, verdicts."""

import asyncio
import re
from pathlib import PurePath
from typing import Any

from agentflow.api.errors import Refusal
from agentflow.budget import Limits
from agentflow.corpus.document import Document
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import holders
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.site_passage import (
    DAY,
    MOST_OFFSET,
    MOST_SENTENCES,
    MOST_TEXT,
    SiteDocument,
    SitePassage,
    SiteSentence,
)
from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.errors import AgentflowError, Unavailable
from agentflow.federation.checks import sha256_of
from agentflow.federation.settings import Release, Serve, SiteGrant
from agentflow.federation.weighing import counted_terms
from agentflow.federation.wire import (
    EvidenceAsked,
    FederatedVerdict,
    QuoteAsked,
    QuoteNow,
    SearchAsked,
    SiteCard,
    SiteEvidence,
    SitePassages,
    Verdicts,
    VerdictsAsked,
)
from agentflow.identity.caller import Caller
from agentflow.runs.outcome import Outcome
from agentflow.site.verdicts import CLAIM, of_claim, of_question
from agentflow.status import SUCCESSFUL

ORDER: tuple[Release, ...] = ("nothing", "claims", "quotes")
JUDGING = 2  # verdicts made at once
WAITING = 16  # more are refused
LIMITS = Limits(seconds=120, tokens=50_000)
Answer = SiteCard | SitePassages | SiteEvidence | Verdicts


class SiteService:
    def __init__(self, engine: Engine, policy: Serve) -> None:
        self.engine = engine
        self.policy = policy
        self._judging = asyncio.Semaphore(JUDGING)
        self._waiting = 0

    def grant(self, caller: Caller) -> SiteGrant:
        """The site's policy, which a caller's own grant can only narrow."""
        own = caller.grants.site or SiteGrant()
        return SiteGrant(release=min(self.policy.release, own.release, key=ORDER.index), where=own.where)

    async def site(self, caller: Caller) -> SiteCard:
        return SiteCard(name=self.policy.name, release=self.grant(caller).release)

    async def search(self, caller: Caller, asked: SearchAsked) -> SitePassages:
        """Raises Refusal for a caller who gets no passages."""
        searcher = self._open_to(self._require(caller, "quotes"))
        for where in asked.where:
            if where.roots or where.collections or where.web:
                raise Refusal("invalid", "where: roots, collections and web name what is yours", "leave them out")
            searcher = searcher.within(where)
        corpus, scope = self.engine.corpus, searcher.scope
        found = await searcher.search(asked.query, k=asked.k, per_document=asked.per_document)
        within = "" if scope is None else f" WHERE document IN ({', '.join(map(str, scope))})"
        return SitePassages(
            passages=[sent for passage in found if (sent := outgoing(corpus, passage))],
            searched=int(corpus.value(f"SELECT count(*) FROM chunks{within}")),
            holders={term: holders(corpus, term, scope) for term in counted_terms(asked.query)[:500]},
        )

    async def evidence(self, caller: Caller, asked: EvidenceAsked) -> SiteEvidence:
        """Raises Refusal for a caller who gets no passages."""
        corpus, scope = self.engine.corpus, self._open_to(self._require(caller, "quotes")).scope
        known = {outgoing_path(corpus, one.path): one for one in corpus.readable_documents(scope)}
        return SiteEvidence(quotes=[_now(corpus, known.get(quote.path), quote) for quote in asked.quotes])

    async def verdicts(self, caller: Caller, asked: VerdictsAsked) -> Verdicts:
        """Raises Refusal for a caller who gets no verdicts, or when too many wait for theirs."""
        where = self._where(self._require(caller, "claims"))
        if self._waiting >= WAITING:
            raise Refusal("queue_full", "too many wait for verdicts", "ask again later")
        self._waiting += 1
        try:
            async with self._judging:
                return await self._judge(asked, where)
        except AgentflowError:
            raise Refusal("unavailable", "no verdict can be given now", "ask again later") from None
        finally:
            self._waiting -= 1

    async def _judge(self, asked: VerdictsAsked, where: Filter | None) -> Verdicts:
        """`where` is None when there is no document to judge by."""
        dates = self.policy.dates
        if where is None:
            nothing = FederatedVerdict(verdict="not told")
            return Verdicts(question=nothing if asked.question else None, claims=[nothing] * len(asked.claims))
        question: FederatedVerdict | None = None
        if asked.question:
            inputs = {"question": asked.question, "depth": "quick", "knowledge": "off"}
            found = await self._run("research", inputs, where)
            question = of_question(found, dates=dates)
        claims = [of_claim(await self._run(str(CLAIM), {"claim": claim}, where), dates=dates) for claim in asked.claims]
        return Verdicts(question=question, claims=claims)

    async def _run(self, graph: str, inputs: dict[str, Any], where: Filter) -> Outcome:
        """Raises Unavailable for a run that did not come to its end, such as without a model."""
        outcome = await self.engine.run(graph, inputs, where=where, limits=LIMITS)
        if outcome.status not in SUCCESSFUL:
            self.engine.cancel(outcome.run)
            raise Unavailable(outcome.message)
        return outcome

    def _open_to(self, grant: SiteGrant) -> HybridSearcher:
        """Of the documents that the caller may have; copies of web pages are not among them."""
        return self.engine.own.within(self.policy.where).within(grant.where)

    def _where(self, grant: SiteGrant) -> Filter | None:
        """The same as a run keeps it; None where no document is left."""
        given = [where for where in (self.policy.where, grant.where) if where != Filter()]
        if len(given) < 2:
            return given[0] if given else Filter()
        scope = self._open_to(grant).scope
        if scope is None:
            return Filter()
        paths = [document.path for document in self.engine.corpus.documents() if document.id in scope]
        return Filter(roots=paths) if paths else None

    def _require(self, caller: Caller, release: Release) -> SiteGrant:
        grant = self.grant(caller)
        if ORDER.index(grant.release) < ORDER.index(release):
            raise Refusal("forbidden", f"this site does not release {release} to you", "ask whoever runs it")
        return grant


def outgoing(corpus: Corpus, passage: Passage) -> SitePassage | None:
    """As it leaves; None for one too long to travel."""
    document = corpus.document(passage.document)
    if passage.start > MOST_OFFSET or len(passage.text) > MOST_TEXT or len(passage.sentences) > MOST_SENTENCES:
        return None
    author = corpus.value("SELECT author FROM documents WHERE id = ?", [passage.document])
    places = corpus.places(passage.document, [sentence.start for sentence in passage.sentences])
    return SitePassage(
        document=SiteDocument(
            path=outgoing_path(corpus, passage.path)[:500], sha256=document.sha256, title=passage.title[:500],
            kind=document.kind, date=document.date if re.fullmatch(DAY, document.date) else "", author=str(author)[:500],
        ),
        heading=passage.heading[:1000],
        start=passage.start,
        text=passage.text,
        sentences=[
            SiteSentence(
                start=sentence.start, end=sentence.end, sha256=sha256_of(sentence.text), citable=sentence.citable,
                kind=sentence.kind, line=place.line, page=place.page, part=place.part[:200],
            )
            for sentence, place in zip(passage.sentences, places, strict=True)
        ],
        ocr=passage.place.ocr,
    )  # fmt: skip


def outgoing_path(corpus: Corpus, path: str) -> str:
    """Of a document outside the project no more than the folder that was read: not where it lies on the machine."""
    if not PurePath(path).is_absolute():
        return path
    roots = [PurePath(root) for (root,) in corpus.rows("SELECT path FROM corpus_roots")]
    above = [root.parent for root in roots if PurePath(path).is_relative_to(root) and root.is_absolute()]
    return (
        str(PurePath(path).relative_to(min(above, key=lambda root: len(root.parts)))) if above else PurePath(path).name
    )


def _now(corpus: Corpus, document: Document | None, quote: QuoteAsked) -> QuoteNow:
    if document is None:
        return QuoteNow(state="gone")
    if document.sha256 != quote.sha256:
        return QuoteNow(state="changed")
    return QuoteNow(state="same", sha256=sha256_of(corpus.text(document.id)[quote.start : quote.end]))


def counted(answer: Answer) -> int:
    """How many things an answer hands out."""
    match answer:
        case SitePassages():
            return len(answer.passages)
        case SiteEvidence():
            return len(answer.quotes)
        case Verdicts():
            return len(answer.claims) + (answer.question is not None)
    return 0
