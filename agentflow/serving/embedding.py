"""Texts to unit vectors: an embedding model in a thread of its own, texts of similar length in a batch."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agentflow.serving.backend.bert_encoder import BertEncoder, can_encode
from agentflow.serving.backend.llama_encoder import SEQUENCES, LlamaEncoder
from agentflow.serving.backend.llama_model import LlamaModel

PATIENCE = 120.0  # seconds without a batch, while texts wait
LONGEST_WORD = 200  # characters of a token, on average of a whole window


class Encoder(Protocol):
    """`pack`: tokens that are computed at a time, with the other models of the server kept waiting."""

    pack: int
    width: int

    def encode(self, texts: list[list[int]]) -> NDArray[np.float32]:
        """Token lists to (texts, width), rows of any length."""
        ...

    def close(self) -> None: ...


class EmbeddingModel:
    """`window`: tokens of one text; what is longer is cut, and `embed` says how many were."""

    def __init__(
        self,
        weights: LlamaModel,
        *,
        window: int,
        threads: int,
        offload: bool,
        compute_lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.vocab = weights.vocab
        self.window = min(window, weights.trained_context)
        self.encoder: Encoder = (
            BertEncoder(weights.path, threads)
            if not offload and can_encode(weights.path)
            else LlamaEncoder(weights, window=self.window, threads=threads, offload=offload)
        )
        self.width = self.encoder.width
        self.compute_lock = compute_lock or threading.Lock()
        self.open: set[Future[NDArray[np.float32]]] = set()
        self.last = 0.0
        self._thread = ThreadPoolExecutor(1, "embedder")

    def tokens(self, inputs: Sequence[str | list[int]]) -> list[list[int]]:
        """Of each text or token list what fits the window."""
        return [self.tokenize(each) if isinstance(each, str) else each[: self.window] for each in inputs]

    def tokenize(self, text: str) -> list[int]:
        tokens = self.vocab.tokenize_whole(text[: self.window * LONGEST_WORD])
        if len(tokens) > self.window:
            tokens = [*tokens[: self.window - 1], tokens[-1]]  # the end token marks the end of the text
        return tokens or [max(self.vocab.eos, 0)]

    def submit(self, texts: list[list[int]]) -> "Future[NDArray[np.float32]]":
        """Token lists to (texts, width), rows of length 1."""
        if not self.open:
            self.last = time.monotonic()
        future = self._thread.submit(self._embed, texts)
        self.open.add(future)
        future.add_done_callback(self.open.discard)
        return future

    def trouble(self) -> str:
        """What keeps it from answering, in a line; empty when it is well."""
        still = time.monotonic() - self.last
        return f"no batch of texts for {still:.0f} s" if self.open and still > PATIENCE else ""

    def _embed(self, texts: list[list[int]]) -> NDArray[np.float32]:
        rows = np.empty((len(texts), self.width), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for pack in packs(order, texts, self.encoder.pack):
            self.last = time.monotonic()
            with self.compute_lock:
                rows[pack] = self.encoder.encode([texts[index] for index in pack])
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)

    def close(self) -> None:
        self._thread.shutdown()
        self.encoder.close()


def packs(order: list[int], texts: list[list[int]], most: int) -> list[list[int]]:
    """Texts of similar length together, at most `most` tokens each unless one text alone is longer."""
    groups: list[list[int]] = []
    tokens = 0
    for index in order:
        length = len(texts[index])
        if not groups or tokens + length > most or len(groups[-1]) == SEQUENCES:
            groups.append([])
            tokens = 0
        groups[-1].append(index)
        tokens += length
    return groups
