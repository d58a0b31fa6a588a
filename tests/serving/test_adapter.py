"""A LoRA adapter beside the weights computes what the same change inside the weights would."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentflow.errors import Unavailable
from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import open_weights
from agentflow.serving.backend.lora import open_adapter
from agentflow.serving.config import ServerConfig
from agentflow.serving.engine.batch_runner import deliver_at_once
from agentflow.serving.loaded_models import open_models
from benchmarks.random_weights import Shape, write_model

from .adapters import Pairs, make_pairs, write_adapter, write_changed
from .conftest import ask, start_server
from .test_engine import greedy, words

TOKENS = [5, 9, 300, 41, 7]


@pytest.fixture(scope="module")
def pairs(gguf: Path) -> Pairs:
    return make_pairs(gguf)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs) -> Path:
    return write_adapter(tmp_path_factory.mktemp("adapter") / "lora.gguf", pairs)


def logits(model: Path, adapter: Path | None = None, scale: float = 1.0) -> NDArray[np.float32]:
    weights = open_weights(model)
    opened = open_adapter(weights, adapter, scale) if adapter else None
    context = LlamaContext(weights, adapter=opened, cells=64, sequences=1, kv_type="f32", flash_attention=False)
    found = context.decode(TOKENS, list(range(len(TOKENS))), [0] * len(TOKENS), [True] * len(TOKENS)).copy()
    context.close()
    weights.close()
    return found


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_it_computes_as_the_changed_weights_do(
    gguf: Path, adapter: Path, pairs: Pairs, tmp_path: Path, scale: float
) -> None:
    changed = logits(write_changed(gguf, tmp_path / "changed.gguf", pairs, scale))
    assert np.abs(changed - logits(gguf)).max() > 0.1
    np.testing.assert_allclose(logits(gguf, adapter, scale), changed, rtol=1e-3, atol=1e-3)


def test_without_strength_it_changes_nothing(gguf: Path, adapter: Path) -> None:
    np.testing.assert_allclose(logits(gguf, adapter, 0.0), logits(gguf), rtol=1e-5, atol=1e-5)


def test_an_adapter_of_another_model_is_refused(adapter: Path, tmp_path: Path) -> None:
    wide = Shape(vocabulary=2048, width=128, layers=2, heads=4, kv_heads=2, feed_forward=128)
    weights = open_weights(write_model(tmp_path / "wide.gguf", wide))
    with pytest.raises(Unavailable, match=r"lora\.gguf does not fit wide\.gguf") as caught:
        open_adapter(weights, adapter)
    assert "models.yaml" in caught.value.hint
    with pytest.raises(Unavailable, match="no weight file"):
        open_adapter(weights, tmp_path / "absent.gguf")
    with pytest.raises(Unavailable, match="does not fit"):
        open_adapter(weights, write_model(tmp_path / "whole.gguf", wide))
    weights.close()


def test_a_server_answers_with_it(gguf: Path, adapter: Path) -> None:
    from openai import OpenAI

    entries = [
        {"name": "plain", "path": str(gguf), "context": 256, "parallel": 1},
        {"name": "adapted", "path": str(gguf), "context": 256, "parallel": 1, "adapter": str(adapter)},
    ]
    server = start_server({"api_key": "k", "models": entries})
    with OpenAI(base_url=f"{server.url}/v1", api_key="k") as client:
        said = {
            name: client.completions.create(model=name, prompt="hello", max_tokens=12, temperature=0).choices[0].text
            for name in ("plain", "adapted")
        }
    server.process.terminate()
    assert server.process.wait(timeout=120) == 0
    assert said["plain"] != said["adapted"], json.dumps(said)


def test_several_adapters_share_the_weights_and_nothing_else(gguf: Path, tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = [{"name": "plain", "path": str(gguf)}]
    changed = {"plain": gguf}
    for name, seed in (("first", 3), ("second", 4)):
        pairs = make_pairs(gguf, seed)
        lora = write_adapter(tmp_path / f"{name}.lora", pairs)
        entries.append({"name": name, "path": str(gguf), "adapter": str(lora)})
        changed[name] = write_changed(gguf, tmp_path / f"{name}.gguf", pairs)
    exact = {"kv_type": "f32", "flash_attention": False, "context": 256, "parallel": 2}
    config = ServerConfig.model_validate({"models": [{**entry, **exact} for entry in entries]})
    loaded = open_models(config, deliver_at_once)
    engines = {name: chat.engine for name, chat in loaded.chats.items()}
    assert len({id(engine.context.weights) for engine in engines.values()}) == 1
    prompt = words(150, seed=6)
    for _ in range(2):  # the second time from the cache, which is each one's own
        asked = {name: ask(engine, prompt, 8, logprobs=0, ignore_end=True) for name, engine in engines.items()}
        for name, answer in asked.items():
            answer.finish()
            said = [scored.token for piece in answer.pieces for scored in piece.logprobs]
            assert said == greedy(open_weights(changed[name]), prompt, 8), name
    loaded.close()


def test_a_lazy_model_makes_its_cache_when_it_is_asked(gguf: Path, adapter: Path) -> None:
    import httpx2

    entry = {"path": str(gguf), "context": 256, "parallel": 2, "lazy": True}
    models = [{**entry, "name": "plain"}, {**entry, "name": "adapted", "adapter": str(adapter)}]
    server = start_server({"api_key": "k", "models": models})
    with httpx2.Client(base_url=server.url, headers={"Authorization": "Bearer k"}) as client:

        def at_work() -> list[str]:
            return [model["id"] for model in client.get("/v1/models").json()["data"] if "batch" in model]

        listed = client.get("/v1/models").json()["data"]
        assert [(model["id"], model["context_window"], model["parallel"]) for model in listed] == [
            ("plain", 256, 2), ("adapted", 256, 2),
        ]  # fmt: skip
        assert client.get("/health").status_code == client.get("/metrics").status_code == 200
        assert at_work() == []
        answer = client.post("/v1/completions", json={"model": "adapted", "prompt": "hello", "max_tokens": 4})
        assert answer.status_code == 200 and at_work() == ["adapted"]
        assert client.post("/v1/completions", json={"prompt": "hello", "max_tokens": 4}).json()["model"] == "plain"
        assert at_work() == ["plain", "adapted"]
    server.process.terminate()
    assert server.process.wait(timeout=120) == 0
