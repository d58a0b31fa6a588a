"""Whether llama.cpp's AMX code runs here. On some compilers it kills the process at the first quantised product.

Upstream: https://github.com/ggml-org/llama.cpp/pull/26954 (the tile configuration is optimised away). So on a CPU with
AMX a child process tries it on a tiny model, once a start; where it dies, weights are kept out of AMX's buffers.
"""

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from agentflow.serving.backend.gguf_file import finish

WIDTH = 256
TRY_SECONDS = 60


@cache
def is_broken() -> bool:
    if not has_amx():
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe.gguf"
        write_probe(path)
        tried = subprocess.run(
            [sys.executable, "-m", "agentflow.serving.backend.amx", str(path)],
            capture_output=True,
            timeout=TRY_SECONDS,
            check=False,
        )
    return tried.returncode != 0


def has_amx() -> bool:
    cpu = Path("/proc/cpuinfo")
    return cpu.is_file() and "amx_int8" in cpu.read_text()


def write_probe(path: Path) -> None:
    """One Q4_0 layer without a vocabulary; all weights are zero."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(WIDTH)
    writer.add_tokenizer_model("none")
    for norm in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{norm}.weight", np.ones(WIDTH, np.float32))
    blocks = np.zeros((WIDTH, WIDTH // 32 * 18), np.uint8)
    matrices = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    for name in ("token_embd", "output", *(f"blk.0.{matrix}" for matrix in matrices)):
        writer.add_tensor(f"{name}.weight", blocks, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    finish(writer)


def run_probe(path: str) -> None:
    """In the child: decodes two tokens, with one and with several rows."""
    import llama_cpp

    model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
    params = llama_cpp.llama_context_default_params()
    params.n_ctx, params.n_threads, params.n_threads_batch = 64, 2, 2
    context = llama_cpp.llama_init_from_model(model, params)
    for tokens in ([1], [1] * 8):
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))):
            sys.exit(1)


if __name__ == "__main__":
    run_probe(sys.argv[1])
