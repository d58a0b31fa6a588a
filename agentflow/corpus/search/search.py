"""Queries to passages: BM25 (SQLite FTS5) and dense vectors (Chroma), fused."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agentflow.corpus.filter import Filter
from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.index.lexical import bm25
from agentflow.corpus.index.vectors import VectorIndex, is_stale, open_index
from agentflow.corpus.index.words import WordIndex, chosen_words, word_index
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.fusion import combine
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import query_terms, unbroken
from agentflow.errors import AgentflowError, Overloaded
from agentflow.events import Note, Sink, ignore
from agentflow.text.words import legible

POOL = 100
DEEPEST = 6400
COPIES = 10  # places of a passage that are told
TELLING = 80  # letters, from which a text that stands in another is no chance
REMEMBERED = 2_000  # texts whose vectors are kept for the next comparison


class Searcher(Protocol):
    @property
    def scope(self) -> frozenset[int] | None:
        """The documents it may search, by id; None where that is all of them."""
        ...

    def within(self, where: Filter | None) -> "Searcher":
        """A searcher of the documents that the filter lets through, of those that this one may search."""
        ...

    async def search(
        self, query: str, *, k: int = 8, per_document: int | None = None, where: Filter | None = None
    ) -> list[Passage]: ...

    async def similarity(self, query: str, texts: Sequence[str]) -> list[float]:
        """The cosine of the query and each text, 0 for unrelated ones; empty without an embedder."""
        ...


class HybridSearcher:
    """Search by words (BM25) and by meaning (nearest vectors), the scores put together by a convex combination.

    Without an embedder, or with vectors of another one, BM25 answers alone and a Note says so once.
    """

    def __init__(self, corpus: Corpus, embedder: Embedder | None, *, sink: Sink = ignore) -> None:
        self.corpus = corpus
        self.embedder = embedder
        self.sink = sink
        self.wheres: tuple[Filter, ...] = ()
        self._scope: tuple[object, frozenset[int] | None] = (None, None)
        self._index: VectorIndex | None = None
        self._lexical_only = False
        self._words: WordIndex | None = None
        self._told: set[str] = set()
        self._told_waiting = False
        self._vectors: dict[str, NDArray[np.float32]] = {}  # of texts compared before

    def within(self, where: Filter | None) -> "HybridSearcher":
        """A searcher of the documents that the filter lets through, of those that this one may search; also of those that
        are read later, such as pages of the web in the middle of a run."""
        if where is None:
            return self
        narrow = copy(self)
        narrow.wheres, narrow._scope = (*self.wheres, where), (None, None)
        return narrow

    @property
    def scope(self) -> frozenset[int] | None:
        """The documents it may search; None where that is all of them."""
        if not self.wheres:
            return None
        stamp = self.corpus.rows("SELECT count(*), max(id) FROM documents")
        if self._scope[0] != stamp:
            found = [ids for where in self.wheres if (ids := self.corpus.matching(where)) is not None]
            self._scope = (stamp, frozenset.intersection(*found) if found else None)
        return self._scope[1]

    async def search(
        self, query: str, *, k: int = 8, per_document: int | None = None, where: Filter | None = None
    ) -> list[Passage]:
        """The k best passages, best first, `per_document` of one document at most if given: a book or a manual may hold them
        all. Of copies the best alone."""
        if where is not None:
            return await self.within(where).search(query, k=k, per_document=per_document)
        query = legible(query)
        terms = query_terms(query)
        pool = max(POOL, 4 * k)
        vector = await self._vector(query)
        while True:
            with self.corpus.snapshot():
                ranked = combine(self.lexical(query, pool), self._by_meaning(vector, pool))
                chosen = different(self.corpus.passages([chunk for chunk, _ in ranked]), k, per_document)
            if len(chosen) == k or len(ranked) < pool or pool >= DEEPEST:
                break
            pool *= 4  # copies fill it
        scores = dict(ranked)
        return [replace(passage, score=scores[passage.chunk], terms=terms) for passage in chosen]

    async def rank(self, query: str, k: int = POOL) -> list[tuple[int, float]]:
        """(chunk, fused score) of the k best by words and the k best by meaning, best first."""
        query = legible(query)
        return combine(self.lexical(query, k), await self.dense(query, k))

    def lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        scope = self.scope  # its errors are the asker's
        try:
            if self._words is None or self._words.name != chosen_words(self.corpus):
                self._words = word_index(self.corpus)
            return self._words.search(query, k, scope)
        except AgentflowError as error:
            self._tell_alone(f"{error.message}; {error.hint}", "search by words is slower (SQLite FTS5)")
            return bm25(self.corpus, query, k, scope)

    async def dense(self, query: str, k: int) -> list[tuple[int, float]]:
        return self._by_meaning(await self._vector(query), k)

    async def _vector(self, query: str) -> NDArray[np.float32] | None:
        vectors = await self._embed([query], as_queries=True)
        if vectors is None:
            return None
        if not self._told_waiting and (waiting := self.corpus.waiting()):
            self._told_waiting = True
            every = self.corpus.value("SELECT count(*) FROM chunks")
            self.sink(Note(text=f"{waiting:,} of {every:,} passages have no vector yet: words alone find them"))
        first: NDArray[np.float32] = vectors[0]
        return first

    def _by_meaning(self, vector: NDArray[np.float32] | None, k: int) -> list[tuple[int, float]]:
        try:
            found = self._nearest(vector, k) if vector is not None else []
            return [(chunk, self._above_chance(cosine)) for chunk, cosine in found]
        except AgentflowError as error:
            self._alone(f"{error.message}; {error.hint}")
            return []

    async def similarity(self, query: str, texts: Sequence[str]) -> list[float]:
        """A text is embedded once: the sentences of a run's passages are compared again and again."""
        if not query.strip() or self._lexical_only:
            return []
        if len(self._vectors) > REMEMBERED:
            self._vectors.clear()
        wanted = dict.fromkeys((query, *texts))
        known = {
            text: self._vectors[text] for text in wanted if text in self._vectors
        }  # others may forget them meanwhile
        new = [text for text in wanted if text not in known]
        vectors = await self._embed(new) if new else ()
        if vectors is None:
            return []
        known.update(zip(new, vectors, strict=True))
        self._vectors.update(known)
        return [self._above_chance(float(known[text] @ known[query])) for text in texts]

    def _above_chance(self, cosine: float) -> float:
        """1 for the same, 0 for unrelated texts: where a model's cosines begin is its own affair."""
        unrelated = self.embedder.unrelated if self.embedder else 0.0
        return (cosine - unrelated) / (1 - unrelated)

    async def _embed(self, texts: Sequence[str], *, as_queries: bool = False) -> NDArray[np.float32] | None:
        """None where words alone must do."""
        if self._lexical_only or not any(text.strip() for text in texts):
            return None
        if self.embedder is None:
            reason = "no embedder is at hand"
        elif self.corpus.embedder != self.embedder.name and self.corpus.value("SELECT 1 FROM chunks LIMIT 1"):
            self._tell_alone(f"the corpus has no vectors of {self.embedder.name}: run `agentflow ingest` again")
            return None
        else:
            try:
                return await (self.embedder.embed_queries if as_queries else self.embedder.embed)(texts)
            except Overloaded:
                raise  # busy is not broken: whoever asked may wait and try again
            except AgentflowError as error:
                reason = f"{error.message}; {error.hint}"
        self._alone(reason)
        return None

    def _nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """An index that was rebuilt, or that another process wrote to, since it was opened is opened again."""
        if self._index is not None and not is_stale(self.corpus):
            with suppress(AgentflowError):
                return self._index.nearest(vector, k, self._chunks())
        self._index = open_index(self.corpus)
        return self._index.nearest(vector, k, self._chunks())

    def _chunks(self) -> list[int] | None:
        """The indexed passages of the scope."""
        if (scope := self.scope) is None:
            return None
        rows = self.corpus.rows("SELECT id, document FROM chunks WHERE indexed = 1")
        return [chunk for chunk, document in rows if document in scope]

    def _alone(self, reason: str) -> None:
        self._lexical_only = True
        self._tell_alone(reason)

    def _tell_alone(self, reason: str, what: str = "search by words alone (BM25)") -> None:
        if what not in self._told:
            self._told.add(what)
            self.sink(Note(text=f"{what}: {reason}", level="warning"))


def different(passages: Sequence[Passage], k: int, per_document: int | None) -> list[Passage]:
    """The first k, at most `per_document` of one document if given. What repeats one before is told as a further place of it: the
    same text, or a part of it, however it is broken into lines."""
    chosen: list[Passage] = []
    taken: Counter[int] = Counter()
    said: list[str] = []
    for passage in passages:
        text = unbroken(passage.text)
        if (first := next((at for at, other in enumerate(said) if repeats(text, other)), None)) is not None:
            copies = [*chosen[first].copies, passage.place]
            chosen[first] = replace(chosen[first], copies=copies[:COPIES])
        elif len(chosen) < k and (per_document is None or taken[passage.document] < per_document):
            taken[passage.document] += 1
            said.append(text)
            chosen.append(passage)
    return chosen


def repeats(text: str, other: str) -> bool:
    return text == other or (len(text) >= TELLING and text in other)
