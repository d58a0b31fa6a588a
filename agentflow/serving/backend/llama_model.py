"""A weight file opened by llama.cpp: the model, its vocabulary and its metadata."""

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp

from agentflow.errors import Unavailable
from agentflow.serving.backend import amx, llama_library
from agentflow.serving.text.vocab import Vocab

MAGIC = b"GGUF"
UNQUANTIZED = ("0", "1", "32")  # general.file_type: F32, F16, BF16
VALUE_SPACE = 1 << 20  # bytes; chat templates are the long values


@dataclass(frozen=True, slots=True)
class LlamaModel:
    path: Path
    model: Any
    vocab: Vocab
    size: int
    """Bytes of all tensors."""
    layers: int
    width: int
    trained_context: int
    sliding_window: int
    """Tokens that some layers see; 0 when all see everything."""
    recurrent: bool
    """State cannot be cut at a position (recurrent and hybrid models): only appending reuses it."""

    def metadata(self, key: str) -> str | None:
        return read_metadata(self.model, key)

    def close(self) -> None:
        llama_cpp.llama_model_free(self.model)


def open_weights(path: Path, gpu_layers: int = 0) -> LlamaModel:
    """Raises Unavailable when the file is missing, is no GGUF, is cut short or of an unknown architecture."""
    llama_library.start()
    check_file(path)
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    if amx.has_amx() and is_quantized(path) and amx.is_broken():
        params.use_extra_bufts = False
    llama_library.recent_errors.clear()
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise Unavailable(f"llama.cpp cannot load {path}: {llama_library.last_error()}", "download the weights again")
    return LlamaModel(
        path=path,
        model=model,
        vocab=Vocab(llama_cpp.llama_model_get_vocab(model)),
        size=llama_cpp.llama_model_size(model),
        layers=llama_cpp.llama_model_n_layer(model),
        width=llama_cpp.llama_model_n_embd(model),
        trained_context=llama_cpp.llama_model_n_ctx_train(model),
        sliding_window=llama_cpp.llama_model_n_swa(model),
        recurrent=llama_cpp.llama_model_is_recurrent(model) or llama_cpp.llama_model_is_hybrid(model),
    )


def is_quantized(path: Path) -> bool:
    """Reads the header only. True also for files that do not say."""
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        return False  # the real load says why
    kind = read_metadata(model, "general.file_type")
    llama_cpp.llama_model_free(model)
    return kind not in UNQUANTIZED


def read_metadata(model: Any, key: str) -> str | None:
    buffer = ctypes.create_string_buffer(VALUE_SPACE)
    length = llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, VALUE_SPACE)
    return None if length < 0 else buffer.value.decode("utf-8", "replace")


def check_file(path: Path) -> None:
    if not path.is_file():
        raise Unavailable(
            f"no weight file {path}", "`agentflow models pull` fetches it; `agentflow models list` names all"
        )
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            raise Unavailable(f"{path} is not a GGUF file", "download it again, or convert it to GGUF")
