"""Search in the own corpus and at the sites at once, fused by rank."""

import asyncio
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.fusion import by_rank
from agentflow.corpus.search.search import HybridSearcher, different
from agentflow.corpus.terms import query_terms
from agentflow.errors import AgentflowError
from agentflow.events import Note, Sink
from agentflow.federation.client import SiteClient
from agentflow.federation.sites import SiteReply, Sites
from agentflow.federation.weighing import weigh
from agentflow.federation.wire import SearchAsked, SitePassages
from agentflow.text.words import content_words, legible

HERE = ("roots", "collections")  # what a filter names here means nothing elsewhere


class FederatedSearcher:
    """A HybridSearcher with sites. `said` is what the person put: a site hears no other word unless it may (`send`), as
    searches of a run hold names from documents too; None where the person typed the search itself.

    What a site sends is checked and kept in the corpus' copies before it counts. Notes say what is missing.
    """

    def __init__(self, own: HybridSearcher, sites: Sites, *, sink: Sink, said: str | None = None) -> None:
        self.own = own
        self.sites = sites
        self.sink = sink
        self.said = None if said is None else set(content_words(said))
        self.wheres: tuple[Filter, ...] = ()
        self.foreign = False  # a filter holds words that the person did not put

    def within(self, where: Filter | None) -> "FederatedSearcher":
        if where is None:
            return self
        narrow = copy(self)
        narrow.own, narrow.wheres = self.own.within(where), (*self.wheres, where)
        return narrow

    @property
    def scope(self) -> frozenset[int] | None:
        return self.own.scope

    async def similarity(self, query: str, texts: Sequence[str]) -> list[float]:
        return await self.own.similarity(query, texts)

    async def search(
        self, query: str, *, k: int = 8, per_document: int | None = None, where: Filter | None = None
    ) -> list[Passage]:
        """As HybridSearcher.search; `score` is BM25 over all of them. What two hold is told once."""
        if where is not None:
            narrow = self.within(where)
            narrow.foreign = self._is_foreign(filter_text(where))
            return await narrow.search(query, k=k, per_document=per_document)
        asked = SearchAsked(query=legible(query)[:2000] or " ", k=k, per_document=per_document, where=self._elsewhere())
        clients = [client for client in self.sites.giving("quotes") if self._may_hear(client, query)]
        own, replies = await asyncio.gather(
            self.own.search(query, k=k, per_document=per_document),
            self.sites.ask(clients, lambda client: client.search(asked)),
        )
        lists = [own, *(self._kept(reply) for reply in replies)]
        if not any(lists[1:]):
            return own
        known = {passage.chunk: passage for passages in lists for passage in passages}
        scores, terms = weigh(self.own.corpus, query, known.values()), query_terms(query)
        ranked = by_rank([[passage.chunk for passage in passages] for passages in lists], scores)
        fused = [replace(known[id], score=scores[id], terms=terms) for id in ranked]
        return different(fused, k, per_document)

    def _elsewhere(self) -> list[Filter]:
        return [
            Filter(**asked)
            for where in self.wheres
            if (asked := where.model_dump(exclude_defaults=True, exclude={"web"}))
        ]

    def _may_hear(self, client: SiteClient, query: str) -> bool:
        if any(getattr(where, name) for where in self.wheres for name in HERE):
            return False
        return client.settings.send != "question" or not (self.foreign or self._is_foreign(query))

    def _is_foreign(self, text: str) -> bool:
        return self.said is not None and not set(content_words(text)) <= self.said

    def _kept(self, reply: SiteReply[SitePassages]) -> list[Passage]:
        trouble = reply.trouble
        if reply.answer is not None:
            copies = self.own.corpus.copies
            try:
                passages = copies.keep(reply.site, reply.answer.passages)
                copies.count(reply.site, reply.answer.searched, reply.answer.holders)
                return passages
            except AgentflowError as error:
                trouble = error.message
        self.sink(Note(text=f"site {reply.site} {trouble}: nothing of it is in this answer", level="warning"))
        return []


def filter_text(where: Filter) -> str:
    values = where.model_dump(exclude_defaults=True, exclude={"web"}).values()
    return " ".join(value if isinstance(value, str) else " ".join(value) for value in values)


def federated(
    own: HybridSearcher, sites: Sites, sink: Sink, said: str | None = None
) -> HybridSearcher | FederatedSearcher:
    """Without sites the own searcher, as it is."""
    return FederatedSearcher(own, sites, sink=sink, said=said) if sites else own


def text_inputs(inputs: Mapping[str, Any]) -> str:
    """What a person put into a run. What an earlier run found, which a follow-up carries along, is deeper down."""
    return "\n".join(value for value in inputs.values() if isinstance(value, str))
