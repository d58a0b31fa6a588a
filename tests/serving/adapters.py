"""Made-up LoRA adapters for the random test model, and the same change written into its weights."""

import shutil
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

RANK, ALPHA = 4, 8.0
MATRICES = ("blk.0.attn_q.weight", "blk.1.ffn_down.weight", "blk.1.attn_v.weight")
Pairs = dict[str, tuple[NDArray[Any], NDArray[Any]]]


def make_pairs(base: Path, seed: int = 3, size: float = 0.5) -> Pairs:
    """A and B of every changed matrix: (rank, inputs) and (outputs, rank)."""
    random = np.random.default_rng(seed)
    shapes = {tensor.name: tuple(map(int, reversed(tensor.shape))) for tensor in gguf.GGUFReader(base).tensors}
    return {
        name: (
            random.standard_normal((RANK, shapes[name][1]), dtype=np.float32) * np.float32(size),
            random.standard_normal((shapes[name][0], RANK), dtype=np.float32) * np.float32(size),
        )
        for name in MATRICES
    }


def write_adapter(path: Path, pairs: Pairs, architecture: str = "qwen2") -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", ALPHA)
    for name, (a, b) in pairs.items():
        writer.add_tensor(f"{name}.lora_a", a)
        writer.add_tensor(f"{name}.lora_b", b)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_changed(base: Path, path: Path, pairs: Pairs, scale: float = 1.0) -> Path:
    """The base in float32 with the adapter's product added to its matrices."""
    shutil.copyfile(base, path)
    reader = gguf.GGUFReader(path, "r+")
    for tensor in reader.tensors:
        if tensor.name in pairs:
            a, b = pairs[tensor.name]
            tensor.data[:] += b @ a * np.float32(scale * ALPHA / RANK)
    reader.data.flush()
    return path
