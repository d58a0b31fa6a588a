"""A run says which weights answered, by their hash."""

from pathlib import Path

import pytest

from agentflow.errors import Unavailable
from agentflow.models.catalog.adapter_config import AdapterConfig
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.command import fingerprint as place_name
from agentflow.models.servers.embedded import model
from agentflow.models.weights import hashes as module
from agentflow.models.weights.fingerprint import fingerprint
from agentflow.models.weights.hashes import sha256_of
from agentflow.models.weights.inventory import are_here
from agentflow.models.weights.locate import Files, load_files


def config(weights: Path) -> ModelConfig:
    return ModelConfig(name="m", backend="llama", weights=str(weights))


def test_a_file_is_named_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"weights")
    assert fingerprint(config(tmp_path / "a.gguf")) == sha256_of(tmp_path / "a.gguf")
    assert fingerprint(config(tmp_path / "none.gguf")) == ""


def test_an_adapter_is_part_of_what_answers(tmp_path: Path) -> None:
    base, lora = tmp_path / "a.gguf", tmp_path / "lora.gguf"
    base.write_bytes(b"weights")
    plain = config(base)
    adapted = [
        plain.model_copy(update={"adapter": AdapterConfig(weights=str(lora), scale=scale)}) for scale in (1.0, 0.5)
    ]
    lora.write_bytes(b"first")
    found = {fingerprint(plain), *(fingerprint(one) for one in adapted)}
    lora.write_bytes(b"second")
    assert len(found | {fingerprint(adapted[0])}) == 4
    assert fingerprint(adapted[0]) == f"{sha256_of(base)}+{sha256_of(lora)}"


def test_the_adapter_of_vllm_is_known_by_the_weights_in_its_folder(tmp_path: Path) -> None:
    repository, lora = tmp_path / ("c" * 40), tmp_path / "lora"
    for folder in (repository, lora):
        folder.mkdir()
    (lora / "adapter_model.safetensors").write_bytes(b"pairs")
    fields = {"name": "m", "backend": "vllm", "weights": str(repository), "adapters": {"reading": str(lora)}}
    base = ModelConfig.model_validate(fields)
    assert fingerprint(base) == repository.name
    expected = f"{repository.name}+{sha256_of(lora / 'adapter_model.safetensors')}"
    assert fingerprint(base.variants["m:reading"]) == expected


def test_a_server_of_an_adapter_is_told_of_it_and_shared_with_no_other(tmp_path: Path) -> None:
    files = Files(tmp_path / "a.gguf", adapter=tmp_path / "lora.gguf")
    for path in (files.weights, files.adapter):
        assert path
        path.write_bytes(b"GGUF")
    plain = config(files.weights)
    adapted = plain.model_copy(update={"adapter": AdapterConfig(weights=str(files.adapter), scale=0.5)})
    assert load_files(adapted) == files
    entry = model(adapted, files)
    assert (entry["adapter"], entry["adapter_scale"]) == (str(files.adapter), 0.5)
    assert place_name(adapted, *files.paths) != place_name(plain, files.weights)
    files.adapter.unlink()  # type: ignore[union-attr]
    assert not are_here(adapted)
    with pytest.raises(Unavailable, match=r"lora\.gguf"):
        load_files(adapted)


def test_the_hubs_cache_already_knows_the_hash(tmp_path: Path) -> None:
    blob = tmp_path / ("ab" * 32)
    blob.write_bytes(b"never read")
    (tmp_path / "model.gguf").symlink_to(blob)
    assert fingerprint(config(tmp_path / "model.gguf")) == "ab" * 32


def test_a_large_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "SMALL", 0)
    path = tmp_path / "a.gguf"
    read: list[Path] = []

    def hashed(path: Path) -> str:
        read.append(path)
        return sha256_of(path)

    path.write_bytes(b"weights")
    monkeypatch.setattr(module, "sha256_of", hashed)
    assert fingerprint(config(path)) == fingerprint(config(path)) == sha256_of(path) and len(read) == 1
    path.write_bytes(b"other weights")
    assert fingerprint(config(path)) == sha256_of(path) and len(read) == 2
