"""Weights rewritten once into the cache: in the number format of `layout`, with the adapter, if there is one, merged."""

import hashlib
import tempfile
from functools import partial
from pathlib import Path

from agentflow.events import Sink, ignore
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.paths import cache_home
from agentflow.models.weights.hashes import file_hash
from agentflow.models.weights.written_once import written_once

RECIPE = 1  # raise it when the same inputs give another file
ROOM = 6  # times the bytes of the original: merged matrices in float16, and the new file


def ensure_layout(config: ModelConfig, weights: Path, adapter: Path | None, sink: Sink = ignore) -> Path:
    """The rewritten file, made now if it is not in the cache: seconds for a small model. Raises AgentflowError."""
    assert config.layout
    what = f"the weights of '{config.name}' as {config.layout}"
    write = partial(_write, config, weights, adapter)
    return written_once(layout_path(config, weights, adapter), ROOM * weights.stat().st_size, what, write, sink)


def layout_path(config: ModelConfig, weights: Path, adapter: Path | None) -> Path:
    """Named by all that the file depends on."""
    scale = config.adapter.scale if config.adapter else 1.0
    inputs = [RECIPE, file_hash(weights), adapter and file_hash(adapter), scale, config.layout]
    return cache_home() / "weights" / f"{hashlib.sha256(repr(inputs).encode()).hexdigest()}.gguf"


def _write(config: ModelConfig, weights: Path, adapter: Path | None, target: Path) -> None:
    from agentflow.models.weights.merge import write_merged
    from agentflow.serving.backend.quantize import quantize
    from agentflow.serving.loaded_models import available_cores

    assert config.layout
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        if adapter and config.adapter:
            merged = Path(folder) / "merged.gguf"
            write_merged(weights, adapter, config.adapter.scale, merged)
            weights = merged
        quantize(weights, target, config.layout, config.threads or available_cores())
