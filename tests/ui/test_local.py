"""The UI's own backend on a real project."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from agentflow.bundled.ui.local.backend import LocalBackend

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.events import DocumentsRead

MODELS = """
models:
  endless:
    backend: llama
    weights: bundled:starter/weights/starter.gguf
    context: 4194304
    parallel: 64
  broken:
    backend: llama
    weights: ./broken.gguf
"""


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[LocalBackend]:
    (tmp_path / "models.yaml").write_text(MODELS)
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but not really")
    backend = LocalBackend.open(tmp_path)
    yield backend
    await backend.close()


async def test_every_model_says_whether_it_fits_this_machine(backend: LocalBackend) -> None:
    found = {row.name: row for row in await backend.models.all()}
    assert found["starter"].fits is True
    assert found["starter"].fit.endswith("GiB free")
    assert found["endless"].fits is False
    assert (found["qwen3-4b"].fit, found["qwen3-4b"].fits) == ("weights to be pulled", None)
    assert (found["ollama"].fit, found["ollama"].fits) == ("served elsewhere", None)
    assert found["broken"].fits is False
    assert "broken.gguf" in found["broken"].fit
    assert await backend.models.all() == list(found.values())


async def test_the_worker_watches_and_stops_and_a_search_line_narrows(backend: LocalBackend, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "mill.md").write_text("The mill turns in winter.", "utf-8")
    with closing(Corpus.open(tmp_path / ".agentflow" / "agentflow.db", create=True)) as corpus:
        await ingest(corpus, [tmp_path / "docs"], embedder=None)
    told: list[DocumentsRead] = []
    async for event in backend.documents.watch():
        if isinstance(event, DocumentsRead):
            told.append(event)
            if len(told) == 1:
                (tmp_path / "docs" / "new.txt").write_text("The mill burns in summer.", "utf-8")
            else:
                await backend.documents.unwatch()
    assert told[0].unchanged == 1 and told[1].added == ["docs/new.txt"]
    assert {row.path for row in await backend.documents.all()} == {"docs/mill.md", "docs/new.txt"}
