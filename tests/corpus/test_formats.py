"""One fact in each format and variant, in fifteen languages: found by its question in the first three, quoted, with its place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from tests.corpus.facts import LANGUAGES
from tests.corpus.finding import File, write, wrong
from tests.corpus.made import FILES
from tests.corpus.variants import VARIANTS

Filled = tuple[Corpus, dict[str, File]]


@pytest.fixture(scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    root = tmp_path_factory.mktemp("formats")
    files = write(root / "docs")
    corpus = Corpus.open(root / ".agentflow" / "agentflow.db", create=True)
    await ingest(corpus, [root / "docs"], embedder=None)
    yield corpus, {file.name: file for file in files}
    corpus.close()


def test_every_format_is_among_them_and_every_language(filled: Filled) -> None:
    corpus, files = filled
    assert {Path(name).suffix for name in FILES} <= {Path(name).suffix for name in VARIANTS}
    assert {file.told.language for file in files.values()} == set(LANGUAGES)
    assert corpus.status().failed == []


@pytest.mark.parametrize("name", VARIANTS)
async def test_a_fact_is_found_and_quoted(filled: Filled, name: str) -> None:
    corpus, files = filled
    assert await wrong(corpus, HybridSearcher(corpus, None), files[name]) == ""
