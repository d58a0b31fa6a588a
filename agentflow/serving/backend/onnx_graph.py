"""A graph of ONNX operators, written as onnxruntime reads it; the package `onnx` is not needed for that.

Format: onnx/onnx.proto3, in protocol buffers; the field numbers are those of that file.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7}
IR_VERSION, OPERATORS = 9, {"": 17, "com.microsoft": 1}


class OnnxGraph:
    """Tensors are named by what made them. `dims` of inputs and outputs: a size, or a name for one that varies."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.made = 0

    def constant(self, array: NDArray[Any]) -> str:
        name = self._name("constant")
        shape = b"".join(_integer(1, size) for size in array.shape)
        kind = _integer(2, KINDS[array.dtype.name])
        self.parts.append(_bytes(5, shape + kind + _text(8, name) + _bytes(9, np.ascontiguousarray(array).tobytes())))
        return name

    def node(self, operator: str, inputs: list[str], domain: str = "com.microsoft", **attributes: float) -> str:
        """The name of its first output."""
        return self.nodes(operator, inputs, 1, domain, **attributes)[0]

    def nodes(
        self, operator: str, inputs: list[str], outputs: int, domain: str = "com.microsoft", **attributes: float
    ) -> list[str]:
        names = [self._name(operator) for _ in range(outputs)]
        body = b"".join(_text(1, name) for name in inputs) + b"".join(_text(2, name) for name in names)
        body += _text(4, operator) + b"".join(_bytes(5, _attribute(*pair)) for pair in attributes.items())
        self.parts.append(_bytes(1, body + _text(7, domain)))
        return names

    def model(self, inputs: dict[str, list[int | str]], outputs: dict[str, list[int | str]]) -> bytes:
        """The whole model; what goes in and out are float32."""
        graph = b"".join(self.parts) + _text(2, "graph")
        graph += b"".join(_bytes(11, _value(*pair)) for pair in inputs.items())
        graph += b"".join(_bytes(12, _value(*pair)) for pair in outputs.items())
        used = b"".join(_bytes(8, _text(1, domain) + _integer(2, version)) for domain, version in OPERATORS.items())
        return _integer(1, IR_VERSION) + _bytes(7, graph) + used

    def _name(self, maker: str) -> str:
        self.made += 1
        return f"{maker}{self.made}"


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _integer(3, value) + _integer(20, 2)
    return _text(1, name) + _key(2, 5) + struct.pack("<f", value) + _integer(20, 1)


def _value(name: str, dims: list[int | str]) -> bytes:
    sizes = [_integer(1, size) if isinstance(size, int) else _text(2, size) for size in dims]
    shape = b"".join(_bytes(1, size) for size in sizes)
    tensor = _integer(1, KINDS["float32"]) + _bytes(2, shape)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, data: bytes) -> bytes:
    return _key(field, 2) + _varint(len(data)) + data


def _integer(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value % (1 << 64))


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
