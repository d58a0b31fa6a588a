"""Why a server did not start or died, from the end of its log: one sentence and what to do."""

import re
import signal

from agentflow.errors import Unavailable
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.server_dir import Ended

LESS_MEMORY = "lower `context` or `parallel`, choose smaller weights, or see `agentflow models fit {name}`"

SIGNS: tuple[tuple[str, str, str], ...] = (
    (
        r"out of memory|OutOfMemory|MemoryError|ENOMEM|std::bad_alloc|cudaMalloc failed|failed to allocate|"
        + r"unable to allocate|No available memory for the cache blocks|larger than the available KV cache",
        "ran out of memory",
        LESS_MEMORY,
    ),
    (
        r"address already in use|EADDRINUSE|couldn't bind",
        "found its port taken",
        "change or remove `port` in models.yaml",
    ),
    (
        r"unrecognized arguments?: *(?P<what>[^\n]*)|invalid argument: *(?P<what2>[^\n]*)|unknown argument: *(?P<what3>[^\n]*)",
        "does not know an argument",
        "remove it from `args`, or install another version",
    ),
    (
        r"No CUDA GPUs|no CUDA-capable device|CUDA driver version is insufficient|Failed to infer device type",
        "found no usable GPU",
        "set `gpu: {{layers: 0}}` or choose a model for this machine: `agentflow models fit`",
    ),
    (
        r"No such file or directory|failed to open|does not appear to have a file|Repository Not Found|is not a local folder",
        "did not find its weights",
        "`agentflow models pull {name}`, or mend `weights` in models.yaml",
    ),
    (
        r"invalid magic|unknown model architecture|data is not within|corrupted or incomplete|"
        + r"failed to load model|HeaderTooLarge|InvalidHeader",
        "cannot read its weights",
        "the file is damaged or too new; `agentflow models pull {name}` fetches it again",
    ),
    (r"ModuleNotFoundError: (?P<what>[^\n]*)", "lacks a Python package", "install it beside the server"),
)


def diagnose(config: ModelConfig, ended: Ended) -> Unavailable:
    """Its `code` is None while the server runs."""
    for pattern, what, hint in SIGNS:
        if found := re.search(pattern, ended.log, re.IGNORECASE):
            detail = next((text for text in found.groups() if text), "")
            return Unavailable(
                f"the server of '{config.name}' {what}{': ' + detail.strip() if detail else ''}",
                hint.format(name=config.name),
            )
    return Unavailable(f"the server of '{config.name}' {_ending(ended.code)}", _last_line(ended.log))


def unkept(config: ModelConfig) -> Unavailable:
    return Unavailable(
        f"the server of '{config.name}' ended with the process that kept it, which was killed",
        "if nobody did that, look for lack of memory in the system's log",
    )


def _ending(code: int | None) -> str:
    if code is None:
        return "does not answer"
    if code == -signal.SIGKILL:
        return "was killed (signal 9), perhaps for lack of memory"
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error|exception|fatal", line, re.IGNORECASE)]
    return f"its log ends: {(errors or lines)[-1][:300]}" if lines else "its log is empty"
