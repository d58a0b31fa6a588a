"""A model with weights of its own, and a cache that is empty."""

from pathlib import Path

import pytest

from agentflow.models.catalog.model_config import ModelConfig


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelConfig:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AGENTFLOW_CALIBRATION", raising=False)
    (tmp_path / "mine.gguf").write_bytes(b"weights")
    return ModelConfig(name="mine", backend="llama", weights=str(tmp_path / "mine.gguf"))
