"""Writes GGUF files of a real shape with random weights: a real llama.cpp model whose words mean nothing.

Speed, scheduling, caching and grammars do not depend on what a model has learnt; tests and benchmarks need no download.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from agentflow.serving.backend.gguf_file import finish

TEMPLATE = """{%- if tools %}<|im_start|>system
You may call tools: {{ tools | tojson }}<|im_end|>
{% endif -%}
{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}{% for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TAGS = ["<think>", "</think>", "<tool_call>", "</tool_call>"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A Qwen2 decoder."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    context: int = 32768


TINY = Shape(vocabulary=2048, width=64, layers=2, heads=4, kv_heads=2, feed_forward=128)
SMALL = Shape(vocabulary=151_936, width=256, layers=6, heads=4, kv_heads=2, feed_forward=1024)
HALF_BILLION = Shape(vocabulary=151_936, width=896, layers=24, heads=14, kv_heads=2, feed_forward=4864)


def byte_alphabet() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    return [table[byte] for byte in range(256)]


def vocabulary(size: int) -> tuple[list[str], list[str]]:
    """(tokens, merges): bytes, then pairs of what is there already, by letters that follow each other in English."""
    tokens = byte_alphabet()
    merges: list[str] = []
    seen = set(tokens)
    letters = list("etaoinshrdlcumwfgypbvkjxqz")
    starts = ["Ġ", *letters]
    wanted = size - len(CONTROL) - len(TAGS)
    generation = letters
    while len(tokens) < wanted:
        made: list[str] = []
        for left, right in itertools.product(starts, generation):
            if len(tokens) >= wanted:
                break
            if left + right not in seen and len(right) < 8:
                seen.add(left + right)
                tokens.append(left + right)
                merges.append(f"{left} {right}")
                made.append(left + right)
        starts, generation = [*starts[:27], *(t for t in made if t.startswith("Ġ"))][:400], made or letters
    return [*tokens, *CONTROL, *TAGS], merges


def real_vocabulary(size: int, donor: Path) -> tuple[list[str], list[str]]:
    """The tokens of a trained GGUF, so that English costs what it costs a real model, filled up to `size`."""
    fields = gguf.GGUFReader(donor).fields
    tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
    kinds: list[int] = fields["tokenizer.ggml.token_type"].contents()
    plain = [token for token, kind in zip(tokens, kinds, strict=True) if kind == gguf.TokenType.NORMAL]
    known = set(plain)
    filler = [token for token in vocabulary(size)[0] if token not in known and token not in (*CONTROL, *TAGS)]
    kept = size - len(CONTROL) - len(TAGS)
    return [*(plain + filler)[:kept], *CONTROL, *TAGS], fields["tokenizer.ggml.merges"].contents()


def tensor(random: np.random.Generator, rows: int, columns: int, form: str) -> tuple[NDArray[Any], Any]:
    """Random weights of deviation about 1/sqrt(columns), in the file's own form."""
    if form == "Q4_0":
        blocks = random.integers(0, 256, (rows, columns // 32, 18), dtype=np.uint8)
        scale = np.float16(columns**-0.5 / 4.6)  # nibbles are uniform on -8..7
        blocks[:, :, :2] = np.frombuffer(scale.tobytes(), np.uint8)
        return blocks.reshape(rows, -1), gguf.GGMLQuantizationType.Q4_0
    values = random.standard_normal((rows, columns), dtype=np.float32) * np.float32(columns**-0.5)
    if form == "BF16":
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8), gguf.GGMLQuantizationType.BF16
    if form == "Q8_0":
        return gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0), gguf.GGMLQuantizationType.Q8_0
    return values, gguf.GGMLQuantizationType.F32


def write_model(path: Path, shape: Shape = TINY, form: str = "F32", seed: int = 1, donor: Path | None = None) -> Path:
    """`form`: F32, BF16, Q8_0 or Q4_0. Embeddings are tied to the output. `donor`: a GGUF that lends its tokenizer."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "qwen2")
    tokens, merges = real_vocabulary(shape.vocabulary, donor) if donor else vocabulary(shape.vocabulary)
    kinds = [gguf.TokenType.NORMAL] * (len(tokens) - len(CONTROL) - len(TAGS))
    kinds += [gguf.TokenType.CONTROL] * len(CONTROL) + [gguf.TokenType.USER_DEFINED] * len(TAGS)
    writer.add_name("random")
    writer.add_file_type({"F32": 0, "BF16": 32, "Q4_0": 2, "Q8_0": 7}[form])
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    def add(name: str, rows: int, columns: int) -> None:
        values, kind = tensor(random, rows, columns, form)
        writer.add_tensor(name, values, raw_dtype=kind)

    head = shape.width // shape.heads
    sizes = {"q": shape.width, "k": head * shape.kv_heads, "v": head * shape.kv_heads}
    add("token_embd.weight", shape.vocabulary, shape.width)
    writer.add_tensor("output_norm.weight", np.ones(shape.width, np.float32))
    for layer in range(shape.layers):
        prefix = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{prefix}{norm}.weight", np.ones(shape.width, np.float32))
        for name, rows in sizes.items():
            add(f"{prefix}attn_{name}.weight", rows, shape.width)
            writer.add_tensor(f"{prefix}attn_{name}.bias", np.zeros(rows, np.float32))
        add(f"{prefix}attn_output.weight", shape.width, shape.width)
        add(f"{prefix}ffn_gate.weight", shape.feed_forward, shape.width)
        add(f"{prefix}ffn_up.weight", shape.feed_forward, shape.width)
        add(f"{prefix}ffn_down.weight", shape.width, shape.feed_forward)
    finish(writer)
    return path
