"""MiniLM on llama.cpp in this process: for benchmarks that measure retrieval, not the server."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class KnownEmbedder:
    """Answers from vectors made before, so that several ways of search embed each question once."""

    def __init__(self, name: str, texts: Sequence[str], rows: NDArray[np.float32]) -> None:
        self.name = name
        self.dimension = rows.shape[1]
        self.rows = dict(zip(texts, rows, strict=True))

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.rows[text] for text in texts])


class LocalEmbedder:
    name = "minilm"
    dimension = 384

    def __init__(self, threads: int = 1) -> None:
        from llama_cpp import Llama

        from agentflow.models.weights.minilm import ensure_minilm

        self.model: Any = Llama(
            str(ensure_minilm()), embedding=True, flash_attn=True, n_ctx=256, n_batch=256, n_ubatch=256,
            n_threads=threads, n_threads_batch=threads, verbose=False,
        )  # fmt: skip

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        rows = np.empty((len(texts), self.dimension), np.float32)
        rows[order] = self.model.embed([texts[at] for at in order], normalize=True, truncate=True)
        return rows
