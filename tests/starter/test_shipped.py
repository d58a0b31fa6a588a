"""What ships can be read back: weights for vLLM, and a tokenizer equal to llama.cpp's."""

import json
from pathlib import Path

import numpy as np
import pytest
from llama_cpp import Llama
from tokenizers import Tokenizer

from starter import shipped
from starter.config import STARTER, WEIGHTS
from starter.export_gguf import export, tensors
from starter.export_hf import export as export_hf

WRITTEN = (
    "The year 2026, 3.14 and ½.",
    "naïve café — “quoted” text… don't, won't, I'LL",
    "  leading   blanks\n\n\ttabs\r\nand lines  ",
    "日本語のテキスト、Ελληνικά, Кириллица, עברית, हिन्दी",
    "emoji 👩‍👩‍👧‍👦 \U0001f600 and \u200d joiners, \u00a0 blanks",
    '{"claims": [{"evidence": [1, 2], "text": "A \\"quote\\"."}]}',
    "def f(x): return x_1 ** 2  # comment --flag=/path/to/file.py",
)


@pytest.fixture(scope="module")
def loaded() -> tuple[shipped.Arrays, object, dict[str, object]]:
    return shipped.load(WEIGHTS / "starter.gguf")


@pytest.mark.parametrize("text", WRITTEN)
def test_our_tokenizer_and_llama_cpp_cut_alike(loaded: tuple, text: str) -> None:
    llama = Llama(str(WEIGHTS / "starter.gguf"), vocab_only=True, verbose=False)
    tokenizer = Tokenizer.from_str(json.dumps(loaded[2]))
    assert tokenizer.encode(text).ids == llama.tokenize(text.encode(), add_bos=False, special=True)
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_the_shape_is_the_recipe_s(loaded: tuple) -> None:
    shape = loaded[1]
    assert (shape.width, shape.layers, shape.heads, shape.inner) == (
        STARTER.width,
        STARTER.layers,
        STARTER.heads,
        STARTER.inner,
    )
    assert (shape.vocabulary, shape.rope_base) == (STARTER.vocabulary, STARTER.rope_base)


def test_written_again_it_is_the_same(loaded: tuple, tmp_path: Path) -> None:
    state, shape, tokenizer = loaded
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    path = export(state, shape, tmp_path / "tokenizer.json", tmp_path / "again.gguf", quantised=False)
    again, _, tokens = shipped.load(path)
    assert tokens == tokenizer
    assert all(np.array_equal(again[name], state[name]) for name in state)


def test_the_hugging_face_files_are_those_of_a_qwen2_model(loaded: tuple, tmp_path: Path) -> None:
    load_file = pytest.importorskip("safetensors.numpy", reason="the Hugging Face export needs safetensors").load_file
    folder = export_hf(*loaded, tmp_path / "hf")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    weights = load_file(folder / "model.safetensors")
    assert config["architectures"] == ["Qwen2ForCausalLM"] and config["tie_word_embeddings"]
    assert weights["model.embed_tokens.weight"].shape == (STARTER.vocabulary, STARTER.width)
    assert len(weights) == len(tensors(loaded[0]))
