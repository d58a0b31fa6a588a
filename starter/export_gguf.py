"""Writes a model as GGUF for llama.cpp: F16, or Q8_0 for the matrices."""

import json
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from starter.chat import END, PAD, SPECIAL, TEMPLATE
from starter.config import Shape

NAMES = {
    "embedding.weight": "token_embd.weight",
    "norm.weight": "output_norm.weight",
    "attention_norm.weight": "attn_norm.weight",
    "out.weight": "attn_output.weight",
    "feed_norm.weight": "ffn_norm.weight",
    "down.weight": "ffn_down.weight",
}
Arrays = dict[str, NDArray[np.float32]]


def tensors(state: Arrays) -> Arrays:
    """The state of starter.model.Decoder under llama.cpp's names, with q, k, v and gate, up apart."""
    named: Arrays = {}
    for name, value in state.items():
        if not name.startswith("layers."):
            named[NAMES[name]] = value
            continue
        _, layer, rest = name.split(".", 2)
        kind = rest.rsplit(".", 1)[1]
        if rest.startswith("qkv"):
            parts = zip(("attn_q", "attn_k", "attn_v"), np.split(value, 3), strict=True)
        elif rest.startswith("gate_up"):
            parts = zip(("ffn_gate", "ffn_up"), np.split(value, 2), strict=True)
        else:
            parts = zip([NAMES[rest].rsplit(".", 1)[0]], [value], strict=True)
        named |= {f"blk.{layer}.{part}.{kind}": array for part, array in parts}
    return named


def export(state: Arrays, shape: Shape, tokenizer: Path, path: Path, *, quantised: bool) -> Path:
    writer = gguf.GGUFWriter(path.with_suffix(".part"), "qwen2")
    writer.add_name(f"agentflow-{shape.name}")
    writer.add_description("Trained by the recipe in starter/ of agentflow; see starter/README.md")
    writer.add_license("Apache-2.0")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.norm_eps)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if quantised else gguf.LlamaFileType.MOSTLY_F16)
    add_vocabulary(writer, json.loads(tokenizer.read_text("utf-8")))
    for name, value in tensors(state).items():
        add_tensor(writer, name, value, quantised=quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.with_suffix(".part").replace(path)


def add_tensor(writer: gguf.GGUFWriter, name: str, value: NDArray[np.float32], *, quantised: bool) -> None:
    if value.ndim == 1:
        writer.add_tensor(name, value.astype(np.float32))
    elif quantised:
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(value.astype(np.float32), kind), raw_dtype=kind)
    else:
        writer.add_tensor(name, value.astype(np.float16))


def add_vocabulary(writer: gguf.GGUFWriter, tokenizer: dict[str, object]) -> None:
    model = tokenizer["model"]
    added = tokenizer["added_tokens"]
    assert isinstance(model, dict) and isinstance(added, list)
    ids = {token: number for token, number in model["vocab"].items()} | {t["content"]: t["id"] for t in added}
    tokens = sorted(ids, key=ids.__getitem__)
    kinds = [gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in model["merges"]])
    writer.add_eos_token_id(ids[END])
    writer.add_eot_token_id(ids[END])
    writer.add_pad_token_id(ids[PAD])
    writer.add_bos_token_id(ids[END])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
