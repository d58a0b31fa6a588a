"""Texts to unit vectors: an embedding model in its own context and thread, many texts in a batch.

Batches of about 256 tokens with flash attention were the fastest on a CPU: 88 texts a second where one batch of 2,048
tokens gave 9 (all-MiniLM-L6-v2).
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from agentflow.errors import Unavailable
from agentflow.serving.backend import llama_library
from agentflow.serving.backend.llama_model import LlamaModel

PACK = 256  # tokens of a batch, where texts are short enough to share one
SEQUENCES = 64
PATIENCE = 120.0  # seconds without a batch, while texts wait


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
        self.weights = weights
        self.vocab = weights.vocab
        self.window = min(window, weights.trained_context)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = max(self.window, PACK)
        params.n_seq_max = SEQUENCES
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = threads
        params.embeddings = True
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO
        params.offload_kqv = params.op_offload = offload
        params.no_perf = True
        self.pointer = llama_cpp.llama_init_from_model(weights.model, params)
        if not self.pointer:
            raise Unavailable(f"no embedding context for {weights.path.name}: {llama_library.last_error()}")
        self.width = llama_cpp.llama_model_n_embd_out(weights.model)
        self.pooled = llama_cpp.llama_pooling_type(self.pointer) != llama_cpp.LLAMA_POOLING_TYPE_NONE
        self.memory = llama_cpp.llama_get_memory(self.pointer)
        self.compute_lock = compute_lock or threading.Lock()
        self.texts = 0
        self.open: set[Future[NDArray[np.float32]]] = set()
        self.last = 0.0
        self._batch = llama_cpp.llama_batch_init(params.n_batch, 0, 1)
        self._thread = ThreadPoolExecutor(1, "embedder")

    def tokenize(self, text: str) -> list[int]:
        tokens = self.vocab.tokenize_whole(text)
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
        for pack in packs(order, texts):
            self.last = time.monotonic()
            with self.compute_lock:
                rows[pack] = self._decode([texts[index] for index in pack])
        self.texts += len(texts)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)

    def _decode(self, texts: list[list[int]]) -> NDArray[np.float32]:
        batch, at = self._batch, 0
        for sequence, tokens in enumerate(texts):
            for position, token in enumerate(tokens):
                batch.token[at], batch.pos[at], batch.n_seq_id[at] = token, position, 1
                batch.seq_id[at][0], batch.logits[at] = sequence, 1
                at += 1
        batch.n_tokens = at
        if self.memory:
            llama_cpp.llama_memory_clear(self.memory, True)
        if code := llama_cpp.llama_decode(self.pointer, batch):
            raise RuntimeError(f"the embedding model failed with {code}: {llama_library.last_error()}")
        if self.pooled:
            vectors = [llama_cpp.llama_get_embeddings_seq(self.pointer, sequence) for sequence in range(len(texts))]
            return np.stack([np.ctypeslib.as_array(vector, (self.width,)) for vector in vectors])
        everything = np.ctypeslib.as_array(llama_cpp.llama_get_embeddings(self.pointer), (at, self.width))
        ends = np.cumsum([len(tokens) for tokens in texts])
        return np.stack([piece.mean(axis=0) for piece in np.split(everything, ends[:-1])])

    def close(self) -> None:
        self._thread.shutdown()
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self.pointer)


def packs(order: list[int], texts: list[list[int]]) -> list[list[int]]:
    """Texts of similar length together, at most PACK tokens each unless one text alone is longer."""
    groups: list[list[int]] = []
    tokens = 0
    for index in order:
        length = len(texts[index])
        if not groups or tokens + length > PACK or len(groups[-1]) == SEQUENCES:
            groups.append([])
            tokens = 0
        groups[-1].append(index)
        tokens += length
    return groups
