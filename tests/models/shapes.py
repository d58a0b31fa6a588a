"""GGUF files with the shapes of real models and no weights: sparse files that take no space on disk."""

import os
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Q

SHAPES: dict[str, dict[str, Any]] = {
    "Qwen3 4B": {"arch": "qwen3", "layers": 36, "d": 2560, "heads": 32, "kv": 8, "ff": 9728, "vocab": 151936,
                 "head": 128, "kind": Q.Q4_K, "tied": True},
    "Qwen3 8B": {"arch": "qwen3", "layers": 36, "d": 4096, "heads": 32, "kv": 8, "ff": 12288, "vocab": 151936,
                 "head": 128, "kind": Q.Q4_K},
    "Llama 3.1 8B": {"arch": "llama", "layers": 32, "d": 4096, "heads": 32, "kv": 8, "ff": 14336, "vocab": 128256,
                     "kind": Q.Q4_K},
    "Qwen2 0.5B": {"arch": "qwen2", "layers": 24, "d": 896, "heads": 14, "kv": 2, "ff": 4864, "vocab": 151936,
                   "kind": Q.Q8_0, "tied": True},
    "Qwen3 30B-A3B": {"arch": "qwen3moe", "layers": 48, "d": 2048, "heads": 32, "kv": 4, "ff": 6144, "vocab": 151936,
                      "head": 128, "kind": Q.Q4_K, "experts": 128, "used": 8, "expert_ff": 768},
}  # fmt: skip


def write(path: Path, shape: dict[str, Any]) -> Path:
    """The header as a converter would write it; the data is a hole."""
    d, heads, kv, vocab, kind = (shape[name] for name in ("d", "heads", "kv", "vocab", "kind"))
    head = shape.get("head") or d // heads
    file = gguf.GGUFWriter(path, shape["arch"])
    file.add_context_length(32768)
    file.add_embedding_length(d)
    file.add_block_count(shape["layers"])
    file.add_feed_forward_length(shape["ff"])
    file.add_head_count(heads)
    file.add_head_count_kv(kv)
    file.add_layer_norm_rms_eps(1e-6)
    file.add_rope_freq_base(1e6)
    file.add_key_length(head)
    file.add_value_length(head)
    file.add_vocab_size(vocab)
    file.add_tokenizer_model("gpt2")
    file.add_token_list([f"t{i}" for i in range(vocab)])
    file.add_token_types([1] * vocab)
    file.add_token_merges(["t 1", "t 2"])
    file.add_eos_token_id(1)
    if experts := shape.get("experts", 0):
        file.add_expert_count(experts)
        file.add_expert_used_count(shape["used"])
        file.add_expert_feed_forward_length(shape["expert_ff"])
    size = 0
    for name, dims in tensors(shape, head).items():
        size += -(-add(file, name, dims, kind if len(dims) > 1 and "gate_inp" not in name else Q.F32) // 32) * 32
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_ti_data_to_file()
    assert file.fout
    start = -(-file.fout[0].tell() // 32) * 32
    file.close()
    os.truncate(path, start + size)
    return path


def tensors(shape: dict[str, Any], head: int) -> dict[str, tuple[int, ...]]:
    d, heads, kv, ff, experts = shape["d"], shape["heads"], shape["kv"], shape["ff"], shape.get("experts", 0)
    found: dict[str, tuple[int, ...]] = {"token_embd": (shape["vocab"], d), "output_norm": (d,)}
    if not shape.get("tied"):
        found["output"] = (shape["vocab"], d)
    for layer in range(shape["layers"]):
        part: dict[str, tuple[int, ...]] = {
            "attn_norm": (d,), "ffn_norm": (d,), "attn_q": (heads * head, d), "attn_k": (kv * head, d),
            "attn_v": (kv * head, d), "attn_output": (d, heads * head),
        }  # fmt: skip
        if shape["arch"].startswith("qwen3"):
            part |= {"attn_q_norm": (head,), "attn_k_norm": (head,)}
        if experts:
            inner = shape["expert_ff"]
            part |= {"ffn_gate_inp": (experts, d), "ffn_gate_exps": (experts, inner, d),
                     "ffn_up_exps": (experts, inner, d), "ffn_down_exps": (experts, d, inner)}  # fmt: skip
        else:
            part |= {"ffn_gate": (ff, d), "ffn_up": (ff, d), "ffn_down": (d, ff)}
        found |= {f"blk.{layer}.{name}": dims for name, dims in part.items()}
        if shape["arch"] == "qwen2":
            found |= {f"blk.{layer}.attn_q.bias": (heads * head,), f"blk.{layer}.attn_k.bias": (kv * head,),
                      f"blk.{layer}.attn_v.bias": (kv * head,)}  # fmt: skip
    return {name if name.endswith(".bias") else f"{name}.weight": dims for name, dims in found.items()}


def add(file: gguf.GGUFWriter, name: str, dims: tuple[int, ...], kind: Q) -> int:
    """Bytes of the tensor."""
    block, width = gguf.GGML_QUANT_SIZES[kind]
    size = int(np.prod(dims)) // block * width
    if kind == Q.F32:
        file.add_tensor_info(name, dims, np.dtype(np.float32), size)
    else:
        file.add_tensor_info(name, (*dims[:-1], dims[-1] // block * width), np.dtype(np.uint8), size, raw_dtype=kind)
    return size
