"""Passages by the kind of their sentences: rows of tables, labelled lines."""

from collections.abc import Sequence

from agentflow.corpus.store import Corpus

WITH = "SELECT DISTINCT chunk FROM sentences JOIN chunks ON chunks.id = chunk WHERE kind IN ({}) AND document IN ({}) ORDER BY chunk"


def chunks_with(corpus: Corpus, documents: Sequence[int], *kinds: str) -> list[int]:
    """Ids of the passages of these documents that have a sentence of one of the kinds, in the corpus' order."""
    marks = (", ".join("?" * len(values)) for values in (kinds, documents))
    return [chunk for (chunk,) in corpus.rows(WITH.format(*marks), [*kinds, *documents])]
