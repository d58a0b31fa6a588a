"""A LoRA adapter: small matrices out of a GGUF file, added to the model's own while it computes."""

import ctypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import llama_cpp

from agentflow.errors import Unavailable
from agentflow.serving.backend import llama_library
from agentflow.serving.backend.llama_model import LlamaModel, check_file


@dataclass(frozen=True, slots=True)
class Adapter:
    """Belongs to one model's weights, and is freed with them. Printed, it names the file and its state."""

    path: Path
    scale: float
    changed: int
    """Time of the file's last change in nanoseconds."""
    pointer: Any = field(repr=False)

    def act_on(self, context: Any) -> None:
        """All that the llama.cpp context computes from now on goes through the adapter."""
        pointers = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(
            ctypes.cast(self.pointer, llama_cpp.llama_adapter_lora_p_ctypes)
        )
        scales = (ctypes.c_float * 1)(self.scale)
        if llama_cpp.llama_set_adapters_lora(context, pointers, 1, scales):
            raise Unavailable(f"llama.cpp does not take the adapter {self.path}: {llama_library.last_error()}")


def open_adapter(weights: LlamaModel, path: Path, scale: float = 1.0) -> Adapter:
    """To be opened before any context of the model. Raises Unavailable when the file is missing or made for another
    model."""
    check_file(path)
    llama_library.recent_errors.clear()
    pointer = llama_cpp.llama_adapter_lora_init(weights.model, str(path).encode())
    if not pointer:
        raise Unavailable(
            f"the adapter {path} does not fit {weights.path.name}: {llama_library.last_error()}",
            "an adapter works with the model it was trained for, alone: mend `adapter` or `weights` in models.yaml",
        )
    return Adapter(path, scale, path.stat().st_mtime_ns, pointer)
