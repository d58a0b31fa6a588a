"""How much of a question a text covers, and where to look for the rest."""

from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.research.gathering import leads, led_to
from agentflow.research.passages.relevance import relevance
from agentflow.research.passages.titled import named_documents
from agentflow.testing import HashEmbedder


@pytest.fixture
async def corpus(tmp_path: Path) -> Corpus:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tower.md").write_text("# The tower\n\nThe tower was built by the Harbour Guild in 1931.\n")
    (docs / "guild.md").write_text("# Harbour Guild\n\nThe guild was led by Ada Brenn.\n")
    (docs / "other.md").write_text("# Bread\n\nThe bread was baked at six.\n")
    opened = Corpus.open(tmp_path / "agentflow.db", create=True)
    await ingest(opened, [docs], embedder=HashEmbedder())
    return opened


async def test_rare_words_of_the_question_weigh_more_than_common_ones(corpus: Corpus) -> None:
    rarity = Rarity(corpus, "Who led the guild that built the lighthouse?")
    assert rarity.coverage("the guild was led and built a lighthouse") == 1.0
    assert rarity.coverage("a lighthouse") > rarity.coverage("it was built")
    assert "lighthous" in rarity.open_words("the guild was led and built")


async def test_a_sentence_is_helped_by_its_source_and_its_meaning(corpus: Corpus) -> None:
    rarity = Rarity(corpus, "When was the tower built?")
    plain, sourced = relevance(rarity, ["It was built in 1931."] * 2, ["Bread", "The tower"], [])
    assert sourced > plain
    far, near = relevance(rarity, ["It was built in 1931."] * 2, ["Bread"] * 2, [0.1, 0.9])
    assert near > far


async def test_a_document_is_followed_when_its_title_stands_in_a_passage(corpus: Corpus) -> None:
    (tower,) = [p for p in corpus.passages(range(1, 10)) if p.path.endswith("tower.md")]
    linked = named_documents(corpus, [tower], None)
    assert [corpus.document(id).title for id in linked] == ["Harbour Guild"]
    assert not named_documents(corpus, [tower], frozenset({tower.document}))


async def test_what_the_first_passages_name_is_read_next(corpus: Corpus) -> None:
    embedder = HashEmbedder()
    (tower,) = [p for p in corpus.passages(range(1, 10)) if p.path.endswith("tower.md")]
    queries = leads(Rarity(corpus, "Who led the builder of the tower?"), [tower])
    assert queries[0].startswith("Harbour Guild") and "led" in queries[0]
    found = await led_to(HybridSearcher(corpus, embedder), corpus, queries, [tower])
    assert corpus.passage(found[0]).title == "Harbour Guild" and tower.chunk not in found


async def test_words_in_the_question_s_order_count_more_than_the_same_words_apart(corpus: Corpus) -> None:
    rarity = Rarity(corpus, "What happens when a run is killed?")
    texts = ["A killed scheduler goes on with the run it was at.", "When a run is killed, nothing is lost."]
    apart, together = relevance(rarity, texts, ["", ""], [0.5, 0.5])
    assert together > apart
