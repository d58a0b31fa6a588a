"""Queries to passages: BM25 (SQLite FTS5) and dense vectors (Chroma), fused."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agentflow.corpus.embedder import Embedder
from agentflow.corpus.fusion import combine
from agentflow.corpus.lexical import bm25
from agentflow.corpus.passage import Passage
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import query_terms
from agentflow.corpus.vectors import VectorIndex, open_index
from agentflow.errors import AgentflowError, Overloaded
from agentflow.events import Note, Sink, ignore
from agentflow.words import legible

POOL = 100


class Searcher(Protocol):
    async def search(self, query: str, *, k: int = 8, per_document: int = 3) -> list[Passage]: ...

    async def similarity(self, query: str, texts: Sequence[str]) -> list[float]:
        """The cosine of the query and each text; empty without an embedder."""
        ...


class HybridSearcher:
    """Without an embedder, or with vectors of another one, BM25 answers alone and a Note says so once."""

    def __init__(self, corpus: Corpus, embedder: Embedder | None, *, sink: Sink = ignore) -> None:
        self.corpus = corpus
        self.embedder = embedder
        self.sink = sink
        self._index: VectorIndex | None = None
        self._lexical_only = False

    async def search(self, query: str, *, k: int = 8, per_document: int = 3) -> list[Passage]:
        """The k best passages, at most `per_document` of one document, best first."""
        query = legible(query)
        terms = query_terms(query)
        ranked = await self.rank(query)
        chosen: list[Passage] = []
        taken: dict[int, int] = {}
        for passage in self.corpus.passages([chunk for chunk, _ in ranked[: max(POOL, 4 * k)]]):
            if taken.get(passage.document, 0) < per_document:
                taken[passage.document] = taken.get(passage.document, 0) + 1
                chosen.append(passage)
            if len(chosen) == k:
                break
        scores = dict(ranked)
        return [replace(passage, score=scores[passage.chunk], terms=terms) for passage in chosen]

    async def rank(self, query: str) -> list[tuple[int, float]]:
        """(chunk, fused score) of all candidates, best first."""
        query = legible(query)
        return combine(self.lexical(query, POOL), await self.dense(query, POOL))

    def lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        return bm25(self.corpus, query, k)

    async def dense(self, query: str, k: int) -> list[tuple[int, float]]:
        vectors = await self._embed([query])
        try:
            return self._nearest(vectors[0], k) if vectors is not None else []
        except AgentflowError as error:
            self._alone(f"{error.message}; {error.hint}")
            return []

    async def similarity(self, query: str, texts: Sequence[str]) -> list[float]:
        vectors = await self._embed([query, *texts])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]] if vectors is not None else []

    async def _embed(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """None where words alone must do."""
        if self._lexical_only or not texts[0].strip():
            return None
        if self.embedder is None:
            reason = "no embedder is at hand"
        elif self.corpus.embedder != self.embedder.name:
            reason = f"the corpus has no vectors of {self.embedder.name}: run `agentflow ingest` again"
        else:
            try:
                return await self.embedder.embed(texts)
            except Overloaded:
                raise  # busy is not broken: whoever asked may wait and try again
            except AgentflowError as error:
                reason = f"{error.message}; {error.hint}"
        self._alone(reason)
        return None

    def _nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """An index that was made anew since it was opened is opened again."""
        if self._index is not None:
            with suppress(AgentflowError):
                return self._index.nearest(vector, k)
        self._index = open_index(self.corpus)
        return self._index.nearest(vector, k)

    def _alone(self, reason: str) -> None:
        if not self._lexical_only:
            self._lexical_only = True
            self.sink(Note(text=f"search by words alone (BM25): {reason}", level="warning"))


def pack(passages: Sequence[Passage], budget_tokens: int, count: Callable[[str], int]) -> list[Passage]:
    """The passages, best first, whose source and text fit the budget together; one that does not fit is passed over."""
    chosen: list[Passage] = []
    left = budget_tokens
    for passage in passages:
        cost = count(f"{passage.source}\n{passage.text}\n")
        if cost <= left:
            chosen.append(passage)
            left -= cost
    return chosen
