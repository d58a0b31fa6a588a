"""The header of a GGUF file: metadata, tensors and the size the file should have. Reads no weights, so it is fast.

Format: ggml-org/ggml docs/gguf.md, version 2 and 3, little endian.
"""

import struct
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from agentflow.errors import AgentflowError

MAGIC = b"GGUF"
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
STRING, ARRAY = 8, 9
LONG = 64
"""Longer arrays (vocabularies) are skipped: their length is kept instead."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """`kind` is ggml's type number, `shape` fastest dimension first, `offset` from the start of the data."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def elements(self) -> int:
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def size(self) -> int:
        """Bytes."""
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

        block, bytes_per_block = GGML_QUANT_SIZES[GGMLQuantizationType(self.kind)]
        return self.elements // block * bytes_per_block


@dataclass(frozen=True)
class Header:
    path: Path
    metadata: dict[str, Any] = field(default_factory=dict)
    tensors: tuple[Tensor, ...] = ()
    data_start: int = 0

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))

    def get(self, name: str, default: Any = None) -> Any:
        """A value of the architecture's own section, for example `block_count`."""
        return self.metadata.get(f"{self.architecture}.{name}", default)

    @cached_property
    def size(self) -> int:
        """Bytes the whole file must have."""
        return self.data_start + max((tensor.offset + tensor.size for tensor in self.tensors), default=0)


def read_header(path: Path) -> Header:
    """Raises AgentflowError for a file that is not GGUF, or ends inside its header."""
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except (struct.error, MemoryError, OverflowError, UnicodeDecodeError) as error:
        raise AgentflowError(f"{path} is damaged: its GGUF header ends early", "fetch the weights again") from error


def _read(path: Path, file: BinaryIO) -> Header:
    if file.read(4) != MAGIC:
        raise AgentflowError(f"{path} is not a GGUF file", "name a .gguf file in `weights`")
    version, tensor_count, value_count = _scalar(file, 4), _scalar(file, 10), _scalar(file, 10)
    if version not in (2, 3):
        raise AgentflowError(f"{path} has GGUF version {version}; versions 2 and 3 are known", "convert it again")
    metadata: dict[str, Any] = {}
    for _ in range(value_count):
        key = _text(file)
        metadata[key] = _value(file, _scalar(file, 4))
    tensors = tuple(_tensor(file) for _ in range(tensor_count))
    alignment = int(metadata.get("general.alignment", 32))
    return Header(path, metadata, tensors, -(-file.tell() // alignment) * alignment)


def _tensor(file: BinaryIO) -> Tensor:
    name = _text(file)
    shape = tuple(_scalar(file, 10) for _ in range(_scalar(file, 4)))
    return Tensor(name, shape, _scalar(file, 4), _scalar(file, 10))


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == STRING:
        return _text(file)
    if kind != ARRAY:
        return _scalar(file, kind)
    inner, count = _scalar(file, 4), _scalar(file, 10)
    if count <= LONG:
        return [_value(file, inner) for _ in range(count)]
    if inner == STRING:
        for _ in range(count):
            file.seek(_scalar(file, 10), 1)
    else:
        file.seek(count * struct.calcsize(SCALARS[inner]), 1)
    return count


def _text(file: BinaryIO) -> str:
    return _exactly(file, _scalar(file, 10)).decode("utf-8", "replace")


def _scalar(file: BinaryIO, kind: int) -> Any:
    form = SCALARS.get(kind)
    if form is None:
        raise struct.error(f"unknown value type {kind}")
    return struct.unpack(form, _exactly(file, struct.calcsize(form)))[0]


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(min(size, 1 << 24))
    if len(data) != size:
        raise struct.error("end of file")
    return data
