"""MiniLM in this process, on either encoder: for benchmarks that measure retrieval, not the server."""

from collections.abc import Sequence

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
    """`encoder`: `int8` or `llama.cpp`; without one, what the embedded server would take on this machine."""

    name = "minilm"
    dimension = 384

    def __init__(self, threads: int = 1, encoder: str = "") -> None:
        from agentflow.models.weights.minilm import ensure_minilm
        from agentflow.serving.backend.bert_encoder import BertEncoder
        from agentflow.serving.backend.llama_encoder import LlamaEncoder
        from agentflow.serving.backend.llama_model import open_weights
        from agentflow.serving.embedding import EmbeddingModel

        weights = open_weights(ensure_minilm())
        self.model = EmbeddingModel(weights, window=256, threads=threads, offload=False)
        if encoder == "int8":
            self.model.encoder = BertEncoder(weights.path, threads)
        elif encoder:
            self.model.encoder = LlamaEncoder(weights, window=256, threads=threads, offload=False)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.model.submit([self.model.tokenize(text) for text in texts]).result()
