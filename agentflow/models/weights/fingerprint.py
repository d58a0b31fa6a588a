"""Which weights answer: the sha256 of a model's file, so that a run says what it was made with."""

import re

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.catalog.sources import WeightsConfig
from agentflow.models.weights.hashes import file_hash
from agentflow.models.weights.locate import find_weights


def fingerprint(config: ModelConfig) -> str:
    """Empty for a server elsewhere; the hub's commit where the weights are a whole repository; with an adapter, its
    hash and strength behind the weights', and the layout that both were rewritten in."""
    known = _hash(config)
    if known and config.adapter and (adapter := _hash(config.adapter)):
        known += f"+{adapter}" + (f"*{config.adapter.scale:g}" if config.adapter.scale != 1 else "")
    return f"{known}@{config.layout}" if known and config.layout else known


def _hash(config: WeightsConfig) -> str:
    path = find_weights(config)
    if path is None:
        return ""
    real = path.resolve()
    if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", real.stem):
        return real.stem  # the caches name folders by commit and large files by their sha256
    if real.is_dir():
        real /= "adapter_model.safetensors"  # a LoRA adapter as PEFT keeps it
    return file_hash(real) if real.is_file() else ""
