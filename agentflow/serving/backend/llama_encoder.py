"""Any embedding model on llama.cpp, in a context of its own.

Batches of about 256 tokens with flash attention were the fastest on a CPU: 88 texts a second where one batch of 2,048
tokens gave 9 (all-MiniLM-L6-v2).
"""

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from agentflow.errors import Unavailable
from agentflow.serving.backend import llama_library
from agentflow.serving.backend.llama_model import LlamaModel

PACK = 256  # tokens of a batch, where texts are short enough to share one
SEQUENCES = 64


class LlamaEncoder:
    """`window`: tokens of the longest text."""

    pack = PACK

    def __init__(self, weights: LlamaModel, *, window: int, threads: int, offload: bool) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = max(window, PACK)
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
        self.width: int = llama_cpp.llama_model_n_embd_out(weights.model)
        self.pooled = llama_cpp.llama_pooling_type(self.pointer) != llama_cpp.LLAMA_POOLING_TYPE_NONE
        self.memory = llama_cpp.llama_get_memory(self.pointer)
        self.batch = llama_cpp.llama_batch_init(params.n_batch, 0, 1)

    def encode(self, texts: list[list[int]]) -> NDArray[np.float32]:
        """Token lists to (texts, width), rows of any length."""
        batch, at = self.batch, 0
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
        llama_cpp.llama_batch_free(self.batch)
        llama_cpp.llama_free(self.pointer)
