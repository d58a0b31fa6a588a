"""Structured initialisation: copying works before the first step, and words start with their meaning.

Embeddings start from all-MiniLM-L6-v2's word vectors (Apache-2.0), reduced by PCA, plus noise that tells apart the
tokens of one word ("The", " the"). Without the MiniLM weights they start from noise alone.

Layer 0, head 0 attends to the previous token: q and k are constants (biases) on the fast rotary pairs, k turned by one
position. Its value is a random projection R of the embedding, written into the dimensions that embeddings leave empty:
each position now carries "who came before me". In layer 1, heads 1.. are induction heads (Olsson et al. 2022,
arXiv:2209.11895): the query is R of the current token, the key that part of earlier positions, on slow rotary pairs
only; so they find where the current token stood before, one step later, and copy what stands there.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from starter.config import Shape
from starter.model import Decoder, Layer

SCALE = 0.02
EMBEDDING = (
    0.1  # root mean square: five times the matrices', so that steps of one size disturb what is built into it less
)
FAST, SLOW = (
    8,
    0.002,
)  # rotary pairs: the fastest tell neighbours apart, those below SLOW hardly turn within the context
NOISE = 0.6  # share of noise in an embedding's norm


def build(shape: Shape, vectors: NDArray[np.float32] | None, seed: int = 1) -> Decoder:
    """`vectors`: (vocabulary, any width) meanings of the tokens, zero rows for those without one."""
    torch.manual_seed(seed)
    model = Decoder(shape)
    used = shape.width - shape.empty
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 2:
                residual = name.endswith(("out.weight", "down.weight"))
                torch.nn.init.normal_(parameter, std=SCALE / (2 * shape.layers) ** 0.5 if residual else SCALE)
            elif name.endswith("bias"):
                parameter.zero_()
        model.embedding.weight.zero_()
        model.embedding.weight[:, :used] = embeddings(shape.vocabulary, used, vectors) * EMBEDDING
        project = torch.randn(shape.empty, used) / used**0.5
        layers = list(model.layers)
        previous_token(layers[0], shape, project)  # type: ignore[arg-type]
        induction(layers[1], shape, project)  # type: ignore[arg-type]
    return model


def embeddings(count: int, used: int, vectors: NDArray[np.float32] | None) -> torch.Tensor:
    """(count, used) with rows of root mean square 1."""
    noise = torch.randn(count, used)
    if vectors is None:
        return noise
    meaning = torch.from_numpy(vectors)
    has = meaning.norm(dim=1) > 0
    centred = torch.where(has[:, None], meaning - meaning[has].mean(dim=0), torch.zeros(()))
    _, spread, axes = torch.linalg.svd(centred[has], full_matrices=False)
    reduced = centred @ axes[:used].T / spread[:used].clamp_min(1e-6).sqrt()
    reduced = reduced / reduced.norm(dim=1, keepdim=True).clamp_min(1e-6) * used**0.5
    mixed = (1 - NOISE**2) ** 0.5 * reduced + NOISE * noise
    return torch.where(has[:, None], mixed, noise)


def previous_token(layer: Layer, shape: Shape, project: torch.Tensor) -> None:
    head, half, used = shape.head, shape.head // 2, shape.width - shape.empty
    theta = shape.rope_base ** (-torch.arange(0, head, 2).float() / head)
    weight = layer.qkv.weight.view(3, shape.heads, head, shape.width)
    bias = layer.qkv.bias.view(3, shape.heads, head)
    fast = torch.where(torch.arange(half) < FAST, 8.0, 0.0)
    weight[0, 0] *= 0.1
    weight[1, 0] *= 0.1
    bias[0, 0, :half] = fast
    bias[1, 0, :half] = fast * torch.cos(theta)
    bias[1, 0, half:] = fast * torch.sin(theta)
    weight[2, 0] = 0
    rows = min(head, shape.empty)
    weight[2, 0, :rows, :used] = project[:rows]
    out = layer.out.weight.view(shape.width, shape.heads, head)
    out[:, 0] = 0
    out[used:, 0] = torch.eye(shape.empty, head) * 0.25


def induction(layer: Layer, shape: Shape, project: torch.Tensor) -> None:
    head, half, used = shape.head, shape.head // 2, shape.width - shape.empty
    theta = shape.rope_base ** (-torch.arange(0, head, 2).float() / head)
    weight = layer.qkv.weight.view(3, shape.heads, head, shape.width)
    out = layer.out.weight.view(shape.width, shape.heads, head)
    slow = [i for i in range(half) if theta[i] < SLOW]
    pairs = (slow + [i + half for i in slow])[: shape.empty]
    copied = 0
    for h in range(1, shape.heads):
        weight[0, h] = 0
        weight[1, h] = 0
        for j, i in enumerate(pairs):
            weight[0, h, i, :used] = project[j] * 4
            weight[1, h, i, used + j] = 4.0
        rows = min(head, used - copied)
        weight[2, h] = 0
        weight[2, h, :rows, copied : copied + rows] = torch.eye(rows)
        out[:, h] = 0
        out[copied : copied + rows, h, :rows] = torch.eye(rows) * 0.3
        copied += rows


def word_vectors(tokenizer: Tokenizer, package: Path) -> NDArray[np.float32]:
    """(vocabulary, 384): MiniLM's word-piece vectors for the text of each of our tokens, averaged; zero for symbols."""
    from safetensors.numpy import load_file

    table = load_file(package / "model.safetensors")["embeddings.word_embeddings.weight"].astype(np.float32)
    pieces = Tokenizer.from_file(str(package / "tokenizer.json"))
    pieces.no_padding()
    pieces.no_truncation()
    vectors = np.zeros((tokenizer.get_vocab_size(), table.shape[1]), np.float32)
    for token in range(len(vectors)):
        text = tokenizer.decode([token], skip_special_tokens=True)
        word = text.strip()
        if not any(c.isalnum() for c in word) or "\ufffd" in word:
            continue
        starts_word = text[:1] == " " or not word[0].islower()
        inside = None if starts_word else pieces.token_to_id(f"##{word.lower()}")
        ids = [inside] if inside is not None else pieces.encode(word, add_special_tokens=False).ids
        vectors[token] = table[ids].mean(axis=0)
    return vectors
