"""What this machine has: memory, cores and GPUs."""

import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

import psutil


@dataclass(frozen=True, slots=True)
class Gpu:
    """Memory in bytes."""

    name: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory in bytes; `cores` are physical ones."""

    memory: int
    available: int
    cores: int
    gpus: tuple[Gpu, ...] = ()


@cache
def gpus() -> tuple[Gpu, ...]:
    """NVIDIA GPUs by nvidia-smi, AMD ones by rocm-smi's csv; the GPU of Apple silicon."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        memory = psutil.virtual_memory()
        return (Gpu("Apple silicon", memory.total, memory.available),)
    return (*_nvidia(), *_amd())


def machine() -> Machine:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return Machine(memory.total, memory.available, cores, gpus())


def _nvidia() -> list[Gpu]:
    lines = _output("nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits")
    rows = [[cell.strip() for cell in line.split(",")] for line in lines]
    return [Gpu(row[0], int(row[1]) << 20, int(row[2]) << 20) for row in rows if len(row) == 3 and row[1].isdigit()]


def _amd() -> list[Gpu]:
    rows = [line.split(",") for line in _output("rocm-smi", "--showmeminfo", "vram", "--csv")[1:]]
    return [Gpu(f"AMD {row[0]}", int(row[1]), int(row[1]) - int(row[2])) for row in rows if len(row) >= 3]


def _output(*command: str) -> list[str]:
    """The program's lines; none when it is not installed or fails, as without a driver."""
    if not shutil.which(command[0]):
        return []
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return []
    return done.stdout.strip().splitlines() if done.returncode == 0 else []
