"""One llama.cpp context: a KV cache shared by many sequences, and the batch that is decoded next."""

import ctypes
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from agentflow.errors import Unavailable
from agentflow.serving.backend import llama_library
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.backend.lora import Adapter

KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8}
NO_SLOT = 1


class CacheFull(Exception):
    """No KV cells for the batch; nothing was computed."""


class LlamaContext:
    """Owned by one thread. Sequence ids are 0..sequences-1; positions of a sequence are consecutive. `batch` must exceed
    `sequences`."""

    def __init__(
        self,
        weights: LlamaModel,
        *,
        adapter: Adapter | None = None,
        cells: int,
        sequences: int,
        batch: int = 512,
        outputs: int = 64,
        threads: int = 1,
        prefill_threads: int | None = None,
        kv_type: str = "f16",
        flash_attention: bool = True,
        offload: bool = False,
    ) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = cells
        params.n_batch = params.n_ubatch = batch
        params.n_seq_max = sequences + (not weights.recurrent)
        params.n_outputs_max = min(outputs, batch)
        params.n_threads, params.n_threads_batch = threads, prefill_threads or threads
        params.type_k = params.type_v = KV_TYPES[kv_type]
        params.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO if flash_attention else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.offload_kqv = params.op_offload = offload
        params.kv_unified = True  # a fork then copies no cells
        params.swa_full = True  # sliding-window models keep all positions, so that any prefix can be reused
        params.no_perf = True
        llama_library.recent_errors.clear()
        self.pointer = llama_cpp.llama_init_from_model(weights.model, params)
        if not self.pointer:
            raise Unavailable(
                f"no context of {cells} tokens for {weights.path.name}: {llama_library.last_error()}",
                "lower `context` or `parallel` in models.yaml; `agentflow models fit` computes what fits",
            )
        if adapter:
            adapter.act_on(self.pointer)
        self.weights = weights
        self.threads = threads
        self.prefill_threads = prefill_threads or threads
        self.offload = offload
        self.cells = llama_cpp.llama_n_ctx(self.pointer)
        self.sequences = sequences
        self.scratch = sequences  # a further sequence, through which saved states come and go; not for recurrent models
        self.flash_attention = flash_attention
        self.batch_size = batch
        self.outputs = min(outputs, batch)
        self.memory = llama_cpp.llama_get_memory(self.pointer)
        self.vocabulary = weights.vocab.size
        self._batch = llama_cpp.llama_batch_init(batch, 0, 1)
        self._tokens = np.ctypeslib.as_array(self._batch.token, (batch,))
        self._positions = np.ctypeslib.as_array(self._batch.pos, (batch,))
        self._wanted = np.ctypeslib.as_array(self._batch.logits, (batch,))
        np.ctypeslib.as_array(self._batch.n_seq_id, (batch,)).fill(1)
        self._rows: list[Any] = [self._batch.seq_id[i] for i in range(batch)]

    def decode(
        self, tokens: list[int], positions: list[int], sequences: list[int], wanted: list[bool]
    ) -> NDArray[np.float32]:
        """Computes a batch; returns logits (rows wanted, vocabulary), valid until the next call.

        Raises CacheFull with the cache as it was; RuntimeError when llama.cpp fails otherwise.
        """
        count = len(tokens)
        self._batch.n_tokens = count
        self._tokens[:count] = tokens
        self._positions[:count] = positions
        self._wanted[:count] = wanted
        for row, sequence in zip(self._rows, sequences, strict=False):
            row[0] = sequence
        code = llama_cpp.llama_decode(self.pointer, self._batch)
        if code == NO_SLOT:
            raise CacheFull
        if code != 0:
            raise RuntimeError(f"llama_decode failed with {code}: {llama_library.last_error()}")
        rows = int(np.count_nonzero(self._wanted[:count]))
        if not rows:
            return np.empty((0, self.vocabulary), np.float32)
        return np.ctypeslib.as_array(llama_cpp.llama_get_logits(self.pointer), (rows, self.vocabulary))

    def copy(self, source: int, target: int, length: int) -> None:
        """Positions [0, length) of `source` become `target`'s too, sharing the cells."""
        llama_cpp.llama_memory_seq_cp(self.memory, source, target, 0, length)

    def copy_whole(self, source: int, target: int) -> None:
        """Also for recurrent state, which has no positions to choose from."""
        llama_cpp.llama_memory_seq_cp(self.memory, source, target, -1, -1)

    def cut(self, sequence: int, start: int) -> bool:
        """Forgets positions from `start` on. False where the memory cannot (recurrent state)."""
        return bool(llama_cpp.llama_memory_seq_rm(self.memory, sequence, start, -1))

    def clear_range(self, sequence: int, start: int, end: int) -> None:
        llama_cpp.llama_memory_seq_rm(self.memory, sequence, start, end)

    def clear(self, sequence: int) -> None:
        llama_cpp.llama_memory_seq_rm(self.memory, sequence, -1, -1)

    def last_position(self, sequence: int) -> int:
        """-1 when the sequence holds nothing."""
        return int(llama_cpp.llama_memory_seq_pos_max(self.memory, sequence))

    def save_range(self, sequence: int, start: int, end: int) -> bytes:
        """The state of positions [start, end), which the sequence holds; empty on failure."""
        llama_cpp.llama_memory_seq_cp(self.memory, sequence, self.scratch, start, end)
        size = llama_cpp.llama_state_seq_get_size(self.pointer, self.scratch)
        buffer = (ctypes.c_uint8 * size)()
        written = llama_cpp.llama_state_seq_get_data(self.pointer, buffer, size, self.scratch)
        self.clear(self.scratch)
        return bytes(memoryview(buffer)) if written == size else b""

    def load_range(self, state: "bytes | memoryview", sequence: int, start: int, end: int) -> bool:
        """Positions [start, end) of a saved state become the sequence's. False, with the sequence as it was, when the
        state does not fit this model and cache, or there is no room."""
        data = np.frombuffer(state, np.uint8)
        pointer = data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        taken = llama_cpp.llama_state_seq_set_data(self.pointer, pointer, len(data), self.scratch)
        whole = bool(taken) and self.last_position(self.scratch) >= end - 1
        if whole:
            llama_cpp.llama_memory_seq_cp(self.memory, self.scratch, sequence, start, end)
        self.clear(self.scratch)
        return whole

    def close(self) -> None:
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self.pointer)
