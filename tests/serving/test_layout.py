"""Weights rewritten in another number format, an adapter merged into them, compute what they did before."""

from pathlib import Path

import numpy as np
import pytest

from agentflow.errors import AgentflowError
from agentflow.events import Event, Note
from agentflow.models.catalog.adapter_config import AdapterConfig
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.weights.fingerprint import fingerprint
from agentflow.models.weights.locate import Files, load_files
from agentflow.models.weights.merge import write_merged
from agentflow.serving.backend.llama_model import open_weights, read_metadata
from benchmarks.random_weights import Shape, write_model

from .adapters import make_pairs, write_adapter
from .test_adapter import logits

WIDE = Shape(vocabulary=2048, width=128, layers=2, heads=4, kv_heads=2, feed_forward=256)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelConfig:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    base = write_model(tmp_path / "base.gguf", WIDE, form="Q8_0")
    lora = write_adapter(tmp_path / "lora.gguf", make_pairs(base))
    adapter = AdapterConfig(weights=str(lora), scale=0.5)
    return ModelConfig(name="m", backend="llama", weights=str(base), adapter=adapter, layout="q8_0")


def test_merged_weights_compute_as_base_and_adapter_do(config: ModelConfig, tmp_path: Path) -> None:
    base, lora = tmp_path / "base.gguf", tmp_path / "lora.gguf"
    write_merged(base, lora, 0.5, tmp_path / "merged.gguf")
    beside = logits(base, lora, 0.5)
    change, error = np.abs(beside - logits(base)).mean(), np.abs(logits(tmp_path / "merged.gguf") - beside).mean()
    assert error < 0.05 * change, "what differs is what the base loses by computing in 8 bits"


def test_the_file_is_written_once_and_needs_no_adapter(config: ModelConfig, tmp_path: Path) -> None:
    seen: list[Event] = []
    files = load_files(config, seen.append)
    assert files == load_files(config, seen.append) == Files(files.weights)
    assert [event.text for event in seen if isinstance(event, Note)] == ["writing the weights of 'm' as q8_0, once"]
    assert sorted(path.suffix for path in files.weights.parent.iterdir() if path.stat().st_size) == [".gguf"]
    opened, base = open_weights(files.weights), open_weights(tmp_path / "base.gguf")
    assert opened.vocab.pieces == base.vocab.pieces
    assert opened.metadata("tokenizer.chat_template") == base.metadata("tokenizer.chat_template")
    assert read_metadata(opened.model, "general.file_type") == "7"
    opened.close()
    base.close()


def test_another_layout_or_strength_is_another_file_and_another_identity(config: ModelConfig) -> None:
    assert config.adapter
    weaker = config.model_copy(update={"adapter": config.adapter.model_copy(update={"scale": 0.1})})
    smaller = config.model_copy(update={"layout": "q4_0"})
    plain = config.model_copy(update={"adapter": None})
    four = (config, weaker, smaller, plain)
    assert len({load_files(one).weights for one in four}) == len({fingerprint(one) for one in four}) == 4
    assert load_files(smaller).weights.stat().st_size < load_files(config).weights.stat().st_size


def test_an_adapter_of_another_model_is_refused_and_nothing_stays(config: ModelConfig, tmp_path: Path) -> None:
    narrow = write_model(tmp_path / "narrow.gguf")
    other = config.model_copy(update={"weights": str(narrow)})
    with pytest.raises(AgentflowError, match=r"lora\.gguf does not fit .*narrow\.gguf"):
        load_files(other)
    whole = config.model_copy(update={"adapter": AdapterConfig(weights=str(narrow))})
    with pytest.raises(AgentflowError, match="not a LoRA adapter"):
        load_files(whole)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.stat().st_size]
