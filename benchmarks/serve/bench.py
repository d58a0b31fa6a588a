"""What a run of the serving benchmark is told, where its figures go, and what machine made them."""

import json
import platform
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import psutil

from agentflow.serving.backend import amx
from benchmarks.serve.page import page

PEERS = ("llama-server", "llama-server, ngram-mod", "Llama", "llama_cpp.server")


class Results:
    """Cells by format and point, written to a file after each."""

    def __init__(self, path: Path, minutes: float) -> None:
        self.path = path
        self.until = time.monotonic() + 60 * minutes
        self.data: dict[str, Any] = {"formats": {}, "runs": []}
        if path.is_file():
            self.data |= json.loads(path.read_text("utf-8"))

    def open(self, form: str, point: str, cells: list[str]) -> list[str]:
        """Those of the cells that are still to be measured; none when the time is over."""
        have = self.data["formats"].get(form, {}).get(point, {})
        return [] if time.monotonic() > self.until else [cell for cell in cells if cell not in have]

    def keep(self, form: str, point: str, cell: str, found: Any) -> None:
        self.data["formats"].setdefault(form, {}).setdefault(point, {})[cell] = found
        self.write()

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.data, indent=1) + "\n", "utf-8")
        self.path.with_suffix(".md").write_text(page(self.data), "utf-8")


@dataclass(frozen=True, slots=True)
class Bench:
    """`count` threads for every side; `tokens` and `repeats` of an answer in point 1, `samples` of a text
    in point 3."""

    binary: Path
    folder: Path
    count: int
    tokens: int
    repeats: int
    samples: int
    widths: tuple[int, ...]
    peers: tuple[str, ...] = PEERS


def words_of(path: Path) -> list[int]:
    """Tokens that are one English word with its space: prompts of them are as long in text as in tokens."""
    tokens = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    return [number for number, token in enumerate(tokens[:8000]) if re.fullmatch("\u0120[a-z]{3,}", token)]


def text_of(path: Path) -> Callable[[list[int]], str]:
    tokens = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    return lambda prompt: "".join(tokens[token] for token in prompt).replace("\u0120", " ")


def machine(threads: int) -> dict[str, Any]:
    """`busy_cores` by other programs at the start: above 0.2 the machine was shared and only the ratios count."""
    told = dict(line.split(":", 1) for line in cpu_lines() if ":" in line)
    found = {key.strip(): value.strip() for key, value in told.items()}
    known = found.get("flags", "").split()
    return {
        "cpu": found.get("model name", platform.machine()),
        "flags": ", ".join(flag if flag in known else f"no {flag}" for flag in ("avx512_bf16", "amx_bf16")),
        "cores": psutil.cpu_count(logical=False),
        "threads": threads,
        "busy_cores": round(psutil.cpu_percent(interval=2) / 100 * (psutil.cpu_count() or 1), 2),
        "amx_left_out": amx.is_broken(),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.is_file() else []
