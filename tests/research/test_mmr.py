"""What is near to a question and not to what came before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.research.passages.mmr import varied
from agentflow.testing import HashEmbedder

TOLD = ["the ferry is late", "the ferry is late again", "two bridges cross the river"]
RANKED = [("late", 0.9), ("again", 0.85), ("bridges", 0.6)]


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    opened = Corpus.open(tmp_path / "agentflow.db", create=True)
    yield opened
    opened.close()


async def test_what_repeats_gives_way_to_what_is_new(corpus: Corpus) -> None:
    searcher = HybridSearcher(corpus, HashEmbedder())
    assert [name async for name, _ in varied(searcher, RANKED, TOLD, 0.6)] == ["late", "bridges", "again"]


async def test_without_a_weight_or_vectors_the_order_is_that_of_relevance(corpus: Corpus) -> None:
    for searcher, weight in ((HybridSearcher(corpus, HashEmbedder()), 0.0), (HybridSearcher(corpus, None), 0.6)):
        assert [pair async for pair in varied(searcher, RANKED, TOLD, weight)] == RANKED


async def test_each_comes_once_even_where_texts_are_the_same(corpus: Corpus) -> None:
    searcher = HybridSearcher(corpus, HashEmbedder())
    assert [name async for name, _ in varied(searcher, RANKED, ["a b"] * 3, 1.0)] == ["late", "again", "bridges"]
