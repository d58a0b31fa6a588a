"""An embedder of models.yaml in this process, on either encoder: for benchmarks that measure retrieval, not the server."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class KnownEmbedder:
    """Answers from vectors made before, so that several ways of search embed each question once."""

    def __init__(self, made_by: "LocalEmbedder", texts: Sequence[str], rows: NDArray[np.float32]) -> None:
        self.name, self.unrelated = made_by.name, made_by.unrelated
        self.dimension = rows.shape[1]
        self.rows = dict(zip(texts, rows, strict=True))

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.rows[text] for text in texts])

    embed_queries = embed


class LocalEmbedder:
    """`encoder`: `int8` or `llama.cpp`; without one, what the embedded server would take on this machine."""

    dimension = 384

    def __init__(self, threads: int = 1, encoder: str = "", name: str = "minilm") -> None:
        from agentflow import bundled
        from agentflow.models.catalog.catalog import load_catalog
        from agentflow.models.weights.locate import load_weights
        from agentflow.serving.backend.bert_encoder import BertEncoder
        from agentflow.serving.backend.llama_encoder import LlamaEncoder
        from agentflow.serving.backend.llama_model import open_weights
        from agentflow.serving.embedding import EmbeddingModel

        config = load_catalog([bundled.ROOT / "models.yaml"]).resolve(name)
        self.name, self.prompts, self.unrelated = name, config.prompts, config.unrelated
        weights = open_weights(load_weights(config))
        self.model = EmbeddingModel(weights, window=config.context, threads=threads, offload=False)
        if encoder == "int8":
            self.model.encoder = BertEncoder(weights.path, threads)
        elif encoder:
            self.model.encoder = LlamaEncoder(weights, window=config.context, threads=threads, offload=False)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(self.prompts.document, texts)

    async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(self.prompts.query, texts)

    def _embed(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.model.submit([self.model.tokenize(prompt + text) for text in texts]).result()
