"""A run says which weights answered, by their hash."""

from pathlib import Path

import pytest

from agentflow.models import hashes as module
from agentflow.models.entry import ModelConfig
from agentflow.models.fingerprint import fingerprint
from agentflow.models.hashes import sha256_of


def config(weights: Path) -> ModelConfig:
    return ModelConfig(name="m", serve="llama", weights=str(weights))


def test_a_file_is_named_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"weights")
    assert fingerprint(config(tmp_path / "a.gguf")) == sha256_of(tmp_path / "a.gguf")
    assert fingerprint(config(tmp_path / "none.gguf")) == ""


def test_the_hubs_cache_already_knows_the_hash(tmp_path: Path) -> None:
    blob = tmp_path / ("ab" * 32)
    blob.write_bytes(b"never read")
    (tmp_path / "model.gguf").symlink_to(blob)
    assert fingerprint(config(tmp_path / "model.gguf")) == "ab" * 32


def test_a_large_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "SMALL", 0)
    path, read = tmp_path / "a.gguf", []
    path.write_bytes(b"weights")
    monkeypatch.setattr(module, "sha256_of", lambda path: read.append(path) or sha256_of(path))
    assert fingerprint(config(path)) == fingerprint(config(path)) == sha256_of(path) and len(read) == 1
    path.write_bytes(b"other weights")
    assert fingerprint(config(path)) == sha256_of(path) and len(read) == 2
