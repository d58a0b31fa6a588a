"""What memory bandwidth allows: one token cannot be computed faster than its weights are read."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from agentflow.models.paths import cache_home
from agentflow.models.weights.hardware import gpus
from agentflow.storage.files import write_whole

# Vendors' figures, bytes per second.
GPU_BANDWIDTH = {
    "H200": 4.8e12, "H100": 3.35e12, "A100": 2.0e12, "B200": 8.0e12, "L40S": 864e9, "L4": 300e9, "T4": 320e9,
    "RTX 5090": 1.79e12, "RTX 5080": 960e9, "RTX 4090": 1.008e12, "RTX 4080": 717e9, "RTX 4070": 504e9,
    "RTX 3090": 936e9, "RTX 3080": 760e9, "RTX A6000": 768e9, "M4 Max": 546e9, "M3 Max": 400e9,
}  # fmt: skip
BYTES = 256 << 20


@cache
def main_bandwidth() -> float:
    """Bytes per second of main memory, measured in a tenth of a second: the best of a few copies by all cores."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    cores = min(16, psutil.cpu_count(logical=False) or 1)
    source, target = np.ones(BYTES // 8), np.zeros(BYTES // 8)
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    best = 0.0
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(4):
            started = time.perf_counter()
            list(pool.map(lambda pair: np.copyto(*pair), parts))
            best = max(best, 2 * BYTES / (time.perf_counter() - started))
    return best


def bandwidth(on_gpu: bool) -> float:
    """Of the GPU by its name, else of main memory."""
    if on_gpu:
        for gpu in gpus():
            if found := next((speed for name, speed in GPU_BANDWIDTH.items() if name in gpu.name), None):
                return found
    return main_bandwidth()


def ceiling(active: int, kv_token: float, context: int, speed: float) -> float:
    """Tokens per second of one conversation that is half full, without speculation."""
    return speed / max(1.0, active + kv_token * context / 2)


def measured_file() -> Path:
    return cache_home() / "bench.json"


def measured() -> dict[str, Any]:
    """Results of `agentflow models bench`, by model name."""
    path = measured_file()
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def keep_measured(name: str, report: dict[str, Any]) -> None:
    path = measured_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({**measured(), name: report}, indent=1))
