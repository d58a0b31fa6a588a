"""llama.cpp as a library: started once a process, its log sent to ours."""

import atexit
import ctypes
import logging
from collections import deque
from functools import cache

import llama_cpp
from llama_cpp import _utils

log = logging.getLogger("agentflow.serving")
recent_errors: deque[str] = deque(maxlen=20)  # llama.cpp returns NULL and logs why
GGML_ERROR, GGML_WARN = 4, 3
# The package opens /dev/null twice for good; whoever asks Python for files that were left open would be told of them.
atexit.register(_utils.outnull_file.close)
atexit.register(_utils.errnull_file.close)


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _forward(level: int, text: bytes, user_data: ctypes.c_void_p) -> None:
    line = text.decode("utf-8", "replace").strip()
    if not line:
        return
    if level == GGML_ERROR:
        recent_errors.append(line)
        log.error(line)
    else:
        log.debug(line)


@cache
def start() -> None:
    """Idempotent; the callback must live as long as the process."""
    llama_cpp.llama_log_set(_forward, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


def last_error() -> str:
    return "; ".join(list(recent_errors)[-2:]) or "llama.cpp gave no reason"
