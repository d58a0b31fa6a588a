"""Reads a GGUF that starter.export_gguf wrote back into weights, shape and tokenizer: what ships is enough to go on from."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from starter.chat import SPECIAL
from starter.config import Shape
from starter.export_gguf import NAMES, Arrays
from starter.tokenizer import SPLIT


def load(path: Path) -> tuple[Arrays, Shape, dict[str, Any]]:
    """The state of starter.model.Decoder, its shape, and the tokenizer as the content of a tokenizer.json."""
    reader = gguf.GGUFReader(path)
    values = {name: field.contents() for name, field in reader.fields.items()}
    arrays = {t.name: gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
    shape = Shape(
        name=path.stem,
        width=values["qwen2.embedding_length"],
        layers=values["qwen2.block_count"],
        heads=values["qwen2.attention.head_count"],
        inner=values["qwen2.feed_forward_length"],
        empty=0,
        vocabulary=len(values["tokenizer.ggml.tokens"]),
        context=values["qwen2.context_length"],
        rope_base=values["qwen2.rope.freq_base"],
    )
    return (
        state_of(arrays, shape),
        shape,
        tokenizer_of(values["tokenizer.ggml.tokens"], values["tokenizer.ggml.merges"]),
    )


def state_of(arrays: Arrays, shape: Shape) -> Arrays:
    """The inverse of starter.export_gguf.tensors."""
    ours = {theirs: name for name, theirs in NAMES.items()}
    state = {ours[name]: arrays[name] for name in ("token_embd.weight", "output_norm.weight")}
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        for kind in ("weight", "bias"):
            state[f"layers.{layer}.qkv.{kind}"] = np.concatenate(
                [arrays[f"{block}attn_{part}.{kind}"] for part in "qkv"]
            )
        state[f"layers.{layer}.gate_up.weight"] = np.concatenate(
            [arrays[f"{block}ffn_{part}.weight"] for part in ("gate", "up")]
        )
        for theirs in ("attn_norm.weight", "attn_output.weight", "ffn_norm.weight", "ffn_down.weight"):
            state[f"layers.{layer}.{ours[theirs]}"] = arrays[block + theirs]
    return state


def tokenizer_of(tokens: list[str], merges: list[str]) -> dict[str, Any]:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    vocabulary = {token: number for number, token in enumerate(tokens) if token not in SPECIAL}
    pairs = [(a, b) for a, b in (merge.split(" ") for merge in merges)]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))
    split = pre_tokenizers.Split(Regex(SPLIT), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    content: dict[str, Any] = json.loads(tokenizer.to_str())
    return content
