"""Predicted memory against what llama.cpp itself reserves, for the shapes of real models."""

import ctypes
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agentflow.errors import AgentflowError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.weights.fit import advice, row
from agentflow.models.weights.hardware import Gpu, Machine
from agentflow.models.weights.memory import predict
from agentflow.storage.gguf import read_header

from .shapes import SHAPES, write

GIB = 1 << 30
SETTINGS: list[dict[str, Any]] = [
    {"context": 4096, "parallel": 2},
    {"context": 4096, "parallel": 8},
    {"context": 16384, "parallel": 1, "kv_type": "q8_0"},
    {"context": 2048, "parallel": 2, "flash_attention": False},
]


@pytest.fixture(scope="module")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a shape, written once."""
    folder = tmp_path_factory.mktemp("shapes")
    return cache(lambda name: write(folder / f"{name}.gguf", SHAPES[name]))


def reserved(path: Path, settings: list[dict[str, Any]]) -> list[int]:
    """Bytes of weights, KV cache, outputs and compute that llama.cpp sets aside, without allocating them."""
    import llama_cpp
    from llama_cpp._logger import llama_log_callback

    lines: list[str] = []

    def listen(level: int, text: bytes, data: object) -> None:
        lines.append(text.decode("utf-8", "replace"))

    listener = llama_cpp.llama_log_callback(listen)  # lives as long as it may be called
    llama_cpp.llama_backend_init()
    llama_cpp.llama_log_set(listener, ctypes.c_void_p(0))
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers, params.no_alloc, params.load_mode = 0, True, 0
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    assert model, "".join(lines)[-500:]
    found = []
    for setting in settings:
        lines.clear()
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = setting["context"] * setting["parallel"]
        context.n_batch = context.n_ubatch = 512
        context.n_seq_max, context.n_outputs_max = setting["parallel"], 64
        context.type_k = context.type_v = {"q8_0": 8}.get(setting.get("kv_type", ""), 1)
        flash = setting.get("flash_attention", True)
        context.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO if flash else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        context.kv_unified, context.op_offload, context.offload_kqv = True, False, False
        pointer = llama_cpp.llama_init_from_model(model, context)
        assert pointer, "".join(lines)[-500:]
        llama_cpp.llama_free(pointer)
        text = "".join(lines)
        mebibytes = [
            *re.findall(r"llama_kv_cache: size = +([\d.]+) MiB", text),
            *re.findall(r"(?:output|compute) buffer size = +([\d.]+) MiB", text),
        ]
        found.append(int(sum(map(float, mebibytes)) * (1 << 20)) + llama_cpp.llama_model_size(model))
    llama_cpp.llama_model_free(model)
    llama_cpp.llama_log_set(llama_log_callback, ctypes.c_void_p(0))  # ours dies with this call
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_prediction_is_within_five_percent_of_what_llama_cpp_reserves(name: str, shaped: Callable[[str], Path]) -> None:
    path = shaped(name)
    header = read_header(path)
    for setting, real in zip(SETTINGS, reserved(path, SETTINGS), strict=True):
        guess = predict(header, **setting).total
        assert abs(guess / real - 1) < 0.05, (setting, guess, real)


def test_a_sparse_mixture_reads_only_the_experts_it_uses(shaped: Callable[[str], Path]) -> None:
    header = read_header(shaped("Qwen3 30B-A3B"))
    need = predict(header, context=4096, parallel=1)
    assert need.active < need.weights / 6


def test_a_file_that_ends_in_its_header_or_is_no_gguf_is_refused(tmp_path: Path, shaped: Callable[[str], Path]) -> None:
    whole = shaped("Qwen2 0.5B")
    assert read_header(whole).size == whole.stat().st_size
    cut = tmp_path / "cut.gguf"
    with whole.open("rb") as file:
        cut.write_bytes(file.read(300))
    with pytest.raises(AgentflowError, match="header ends early"):
        read_header(cut)
    cut.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(AgentflowError, match="is not a GGUF file"):
        read_header(cut)


def test_a_model_that_does_not_fit_is_told_which_settings_do(shaped: Callable[[str], Path]) -> None:
    path = shaped("Qwen3 8B")
    config = ModelConfig(name="big", backend="llama", weights=str(path), context=32768, parallel=4)
    small = Machine(8 * GIB, 7 * GIB, 4)
    found = row(config, small, 0)
    assert found["fits"] is False
    assert found["advice"].startswith("context ")
    context, parallel = (int(part) for part in found["advice"].removeprefix("context ").split(" x "))
    fitting = row(config.model_copy(update={"context": context, "parallel": parallel}), small, 0)
    assert fitting["fits"] is True


def test_the_gpus_memory_counts_when_there_is_one(shaped: Callable[[str], Path]) -> None:
    path = shaped("Qwen3 8B")
    config = ModelConfig(name="big", backend="llama", weights=str(path), context=8192, parallel=2)
    machine = Machine(16 * GIB, 2 * GIB, 4, gpus=(Gpu("NVIDIA H100", 80 * GIB, 78 * GIB),))
    found = row(config, machine, 0)
    assert found["fits"] is True
    assert found["free"] == int(78 * GIB * 0.9)


def test_what_is_hopeless_is_said() -> None:
    from agentflow.models.weights.memory import Memory

    need = Memory(weights=20 * GIB, kv=GIB, buffers=0, active=20 * GIB, kv_token=100_000.0)
    config = ModelConfig(name="x", backend="llama", weights="x")
    assert advice(config, need, 21 * GIB, 8 * GIB) == "13.0 GiB short: choose a smaller model"
