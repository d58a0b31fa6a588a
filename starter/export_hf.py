"""Writes a model in Hugging Face format (config, tokenizer, safetensors) for vLLM and transformers.

`python -m starter.export_hf FOLDER [--weights FILE]` makes it from the GGUF that ships; PyTorch is not needed.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from starter.chat import END, PAD, TEMPLATE
from starter.config import WEIGHTS, Shape
from starter.export_gguf import Arrays

NAMES = {
    "attention_norm": "input_layernorm",
    "feed_norm": "post_attention_layernorm",
    "out": "self_attn.o_proj",
    "down": "mlp.down_proj",
}


def tensors(state: Arrays) -> Arrays:
    """The state of starter.model.Decoder under transformers' names for Qwen2ForCausalLM."""
    named = {"model.embed_tokens.weight": state["embedding.weight"], "model.norm.weight": state["norm.weight"]}
    for name, value in state.items():
        if not name.startswith("layers."):
            continue
        _, layer, module, kind = name.split(".")
        parts = {
            "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
        }.get(module, (NAMES.get(module, module),))
        for part, array in zip(parts, np.split(value, len(parts)), strict=True):
            named[f"model.layers.{layer}.{part}.{kind}"] = np.ascontiguousarray(array)
    return named


def export(state: Arrays, shape: Shape, tokenizer_json: dict[str, Any], folder: Path) -> Path:
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    ids = {token["content"]: token["id"] for token in tokenizer_json["added_tokens"]}
    config = {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "max_position_embeddings": shape.context,
        "rope_theta": shape.rope_base,
        "rms_norm_eps": shape.norm_eps,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "use_sliding_window": False,
        "torch_dtype": "float32",
        "bos_token_id": None,
        "eos_token_id": ids[END],
        "pad_token_id": ids[PAD],
    }
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": shape.context,
        "chat_template": TEMPLATE,
        "clean_up_tokenization_spaces": False,
    }
    save_file(tensors(state), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json, ensure_ascii=False), "utf-8")
    for name, value in (
        ("config", config),
        ("tokenizer_config", tokenizer_config),
        ("generation_config", {"eos_token_id": ids[END]}),
    ):
        (folder / f"{name}.json").write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return folder


if __name__ == "__main__":
    from starter import shipped

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS / "starter.gguf")
    options = parser.parse_args()
    print(export(*shipped.load(options.weights), options.folder))
