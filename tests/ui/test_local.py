"""The UI's own backend on a real project."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agentflow.bundled.ui.local.backend import LocalBackend

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
