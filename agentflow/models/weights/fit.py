"""`agentflow models fit`: does a model fit this machine, with its draft and the embedder beside it, and how fast."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.weights.hardware import Gpu, Machine, machine
from agentflow.models.weights.inventory import weights_of
from agentflow.models.weights.locate import find_weights
from agentflow.models.weights.memory import KV_BITS, Memory, predict
from agentflow.models.weights.roofline import bandwidth, ceiling, measured
from agentflow.storage.gguf import read_header

PROCESS = 180 << 20
"""Bytes of a server process before it holds a model."""
SPARE_SEQUENCES = 32
"""Prefixes that the embedded server keeps beyond the conversations at work."""
SPARE = 0.9
"""Share of the free memory that may be used."""


def fit_all(catalog: ModelCatalog, name: str | None, wanted: dict[str, Any]) -> dict[str, Any]:
    """The machine, and a row a model. `wanted` may hold `context` and `parallel`. Raises AgentflowError (unknown name)."""
    here = machine()
    chosen = (
        [catalog.resolve(name)] if name else [config for config in catalog.models.values() if config.kind == "chat"]
    )
    beside = _embedder(catalog)
    rows = [
        row(config.model_copy(update=wanted), here, beside) for config in chosen if config.backend != "endpoint" or name
    ]
    return {"machine": {**asdict(here), "bandwidth": bandwidth(bool(here.gpus))}, "embedder": beside, "models": rows}


def row(config: ModelConfig, here: Machine, beside: int) -> dict[str, Any]:
    """One model; `error` says why there is no prediction. `beside` are the embedder's bytes."""
    empty = dict.fromkeys(("weights", "kv", "buffers", "draft", "total", "ceiling", "measured"), 0.0)
    base = {"name": config.name, "context": config.context, "parallel": config.parallel, "fits": None, "advice": ""}
    try:
        need = memory_of(config)
        draft = draft_of(config)
    except AgentflowError as error:
        return {**base, **empty, "error": error.message}
    if need is None:
        note = (
            "served elsewhere" if config.backend == "endpoint" else "weights not here yet; `agentflow models pull NAME`"
        )
        return {**base, **empty, "error": note}
    total = config.replicas * (need.total + draft + PROCESS) + beside
    on_gpu = uses_gpu(config, here.gpus)
    free = budget(config, here)
    known = measured().get(config.name, {})
    return {
        **base,
        "weights": need.weights,
        "kv": need.kv,
        "buffers": need.buffers,
        "draft": draft,
        "total": total,
        "free": free,
        "fits": total <= free,
        "ceiling": ceiling(need.active, need.kv_token, config.context, bandwidth(on_gpu)),
        "measured": known.get("decode", 0.0),
        "advice": advice(config, need, total, free),
        "error": "",
    }


def needed(config: ModelConfig) -> int | None:
    """Bytes of the model's server or replicas with their drafts; None when the weights are not here. Raises
    AgentflowError."""
    need = memory_of(config)
    return config.replicas * (need.total + draft_of(config) + PROCESS) if need else None


def memory_of(config: ModelConfig) -> Memory | None:
    """None when the weights are not here. Raises AgentflowError for weights that cannot be read."""
    path = weights_of(config)
    if path is None:
        return None
    if path.is_dir():
        return from_config(path, config)
    if path.suffix != ".gguf":
        return Memory(path.stat().st_size, 0, 0, path.stat().st_size, 0.0)
    return predict(
        read_header(path),
        context=config.context,
        parallel=config.parallel,
        kv_type=config.gpu.kv_type,
        flash_attention=config.gpu.flash_attention,
        outputs=max(64, 4 * config.parallel),
        sequences=config.parallel + (SPARE_SEQUENCES if config.backend == "llama" else 0),
    )


def from_config(folder: Path, config: ModelConfig) -> Memory:
    """A Hugging Face folder: weights by file size, KV cache by config.json. Raises AgentflowError."""
    try:
        shape = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise AgentflowError(f"{folder} has no readable config.json", "pull the model again") from error
    shape = shape.get("text_config", shape)
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    heads = int(shape.get("num_key_value_heads") or shape.get("num_attention_heads", 0))
    size = int(shape.get("head_dim") or shape.get("hidden_size", 0) // max(1, shape.get("num_attention_heads", 1)))
    kinds = shape.get("layer_types") or ["full_attention"] * int(shape.get("num_hidden_layers", 0))
    layers = sum(kind.endswith("attention") and not kind.startswith("linear") for kind in kinds)
    token = layers * heads * size * 2 * KV_BITS[config.gpu.kv_type] / 8
    logits = 4 * int(shape.get("vocab_size", 0)) * config.parallel
    return Memory(weights, int(token * config.context * config.parallel), logits, weights, token)


def draft_of(config: ModelConfig) -> int:
    """Bytes of the draft model with a cache as long as the large one's."""
    path = find_weights(config.draft) if config.draft else None
    if path is None or path.is_dir():
        return sum(file.stat().st_size for file in path.glob("*.safetensors")) if path else 0
    return predict(read_header(path), context=config.context, parallel=config.parallel, outputs=64).total


def uses_gpu(config: ModelConfig, here: Sequence[Gpu]) -> bool:
    return bool(here) and config.gpu.layers != 0


def budget(config: ModelConfig, here: Machine) -> int:
    """Bytes the model may take: of the GPUs it may use, or of main memory."""
    if uses_gpu(config, here.gpus):
        wanted = (
            config.gpu.tensor_parallel * config.gpu.pipeline_parallel if config.backend == "vllm" else len(here.gpus)
        )
        share = config.gpu.memory_share if config.backend == "vllm" else SPARE
        return int(sum(gpu.free for gpu in here.gpus[:wanted]) * share)
    return int(here.available * SPARE)


def advice(config: ModelConfig, need: Memory, total: int, free: int) -> str:
    """The settings to use: models.yaml's when they fit, else the longest context that does."""
    if total <= free:
        return f"context {config.context} x {config.parallel}"
    left = free - (total - need.kv)
    if need.kv_token and left > 0:
        for parallel in sorted({config.parallel, 2, 1}, reverse=True):
            context = int(left / need.kv_token / parallel) // 256 * 256
            if parallel <= config.parallel and context >= 2048:
                return f"context {min(context, config.context)} x {parallel}"
        context = int(left / need.kv_token * KV_BITS[config.gpu.kv_type] / KV_BITS["q8_0"]) // 256 * 256
        if context >= 1024:
            return f"context {context} x 1, gpu: {{kv_type: q8_0}}"
    return f"{(total - free) / 2**30:.1f} GiB short: choose a smaller model"


def _embedder(catalog: ModelCatalog) -> int:
    """Bytes of the embedder that runs beside the model; 0 without one."""
    if "embedder" not in catalog.roles:
        return 0
    config = catalog.resolve("embedder")
    return needed(config) or 0 if config.backend != "endpoint" else 0
