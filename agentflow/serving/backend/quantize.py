"""A weight file written in another number format, by llama.cpp itself."""

import ctypes
from pathlib import Path
from typing import Literal, get_args

import llama_cpp

from agentflow.errors import Unavailable
from agentflow.serving.backend import llama_library

Layout = Literal["q8_0", "q4_0", "bf16", "f16"]
FILE_TYPES: dict[str, int] = {"f16": 1, "q4_0": 2, "q8_0": 7, "bf16": 32}  # llama_ftype
assert set(get_args(Layout)) == FILE_TYPES.keys()


def quantize(source: Path, target: Path, layout: Layout, threads: int) -> None:
    """Weights that are quantised already are quantised again, which loses a little. Raises Unavailable."""
    llama_library.start()
    llama_library.recent_errors.clear()
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = FILE_TYPES[layout]
    params.allow_requantize = True
    params.nthread = threads
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)):
        raise Unavailable(
            f"llama.cpp cannot write {source} as {layout}: {llama_library.last_error()}",
            "remove `layout` of the model in models.yaml; check the free space of the cache",
        )
