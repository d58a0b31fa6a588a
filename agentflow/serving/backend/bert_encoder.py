"""BERT on bytes: the products of a GGUF file's encoder in 8-bit integers, by onnxruntime (benchmarks/results/embedding.md).

Weights are rounded once, each column by its own scale; activations for each text by itself, so that no vector depends on
the texts beside it. Only on CPUs that multiply bytes in one step (AVX-512 VNNI): older ones are slower so, or overflow.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentflow.serving.backend.onnx_graph import OnnxGraph
from agentflow.storage.gguf import Header, Tensor, read_header

Array = NDArray[np.float32]
MEAN, CLS = 1, 2
LONGEST = 1 << 30  # tokens
PACK = 2048  # tokens of a batch for each thread: about a tenth of a second
CPU = Path("/proc/cpuinfo")


def can_encode(path: Path, cpu: Path = CPU) -> bool:
    """Whether this file and this machine (its `cpu`, as Linux tells it) are ones that BertEncoder is for."""
    if not cpu.is_file() or "avx512_vnni" not in cpu.read_text():
        return False
    header = read_header(path)
    return (
        header.architecture == "bert"
        and header.get("pooling_type") in (MEAN, CLS)
        and {"position_embd.weight", "token_types.weight", "blk.0.attn_q.bias"} <= {one.name for one in header.tensors}
    )


class BertEncoder:
    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        file = Weights(path, header := read_header(path))
        self.words = file.rows("token_embd.weight")
        self.kind = file.tensors["token_embd.weight"].kind
        self.places = file.array("position_embd.weight") + file.array("token_types.weight")[0]
        self.width = self.places.shape[1]
        self.pooling = header.get("pooling_type")
        self.pack = PACK * threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Further optimisations join sum and norm in one operator that takes eight times as long as the two.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        graph = write_graph(file, header, self.width)
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.threads = threads
        self.others = ThreadPoolExecutor(threads, "bert")

    def encode(self, texts: list[list[int]]) -> Array:
        """Token lists to (texts, width), rows of any length. Each thread takes its share at once: on a busy machine a thread
        that waits for the next text waits for a core as well."""
        rows = np.empty((len(texts), self.width), np.float32)

        def share(first: int) -> None:
            for at in range(first, len(texts), self.threads):
                rows[at] = self._vector(texts[at])

        waiting = [self.others.submit(share, first) for first in range(1, self.threads)]
        share(0)
        for other in waiting:
            other.result()
        return rows

    def _vector(self, tokens: list[int]) -> Array:
        given = dequantized(self.words[tokens], self.kind) + self.places[: len(tokens)]
        states: Array = self.session.run(None, {"x": given[None]})[0][0]
        return states[0] if self.pooling == CLS else np.asarray(states.mean(axis=0), np.float32)

    def close(self) -> None:
        self.others.shutdown()


def write_graph(file: "Weights", header: Header, width: int) -> bytes:
    """Devlin et al., BERT, NAACL 2019, from the sum of the embeddings to the last layer's states."""
    graph, epsilon = OnnxGraph(), float(header.get("attention.layer_norm_epsilon", 1e-12))
    begin, second, end, axis = (graph.constant(np.array([number], np.int64)) for number in (0, 1, LONGEST, 1))

    def norm(x: str, name: str) -> str:
        weights = [graph.constant(file.array(f"{name}.{part}")) for part in ("weight", "bias")]
        return graph.node("LayerNormalization", [x, *weights], domain="", axis=-1, epsilon=epsilon)

    @cache
    def weights_of(name: str) -> list[str]:
        return [*map(graph.constant, [*quantized(file.array(f"{name}.weight").T), file.array(f"{name}.bias")])]

    def linear(x: str, name: str) -> str:
        return graph.node("DynamicQuantizeMatMul", [x, *weights_of(name)])

    def attention(x: str, block: str) -> str:
        names = [f"{block}.attn_{part}" for part in ("q", "k", "v")]
        joint = np.concatenate([file.array(f"{name}.weight").T for name in names], axis=1)
        weights, scale, zero = map(graph.constant, quantized(joint))
        bias = graph.constant(np.concatenate([file.array(f"{name}.bias") for name in names]))
        x, x_scale, x_zero = graph.nodes("DynamicQuantizeLinear", [x], 3, domain="")
        given = [x, weights, bias, x_scale, scale, "", x_zero, zero]
        return graph.node("QAttention", given, num_heads=int(header.get("attention.head_count")))

    def feed_forward(x: str, block: str) -> str:
        """The first token's states are several times as large as all others: rounded together, those would lose by it."""
        parts = [graph.node("Slice", [x, *ends, axis], domain="") for ends in ((begin, second), (second, end))]
        inner = [graph.node("Gelu", [linear(part, f"{block}.ffn_up")]) for part in parts]
        return graph.node("Concat", [linear(part, f"{block}.ffn_down") for part in inner], domain="", axis=1)

    def add(one: str, other: str) -> str:
        return graph.node("Add", [one, other], domain="")

    x = norm("x", "token_embd_norm")
    for block in (f"blk.{number}" for number in range(header.get("block_count"))):
        x = norm(add(x, linear(attention(x, block), f"{block}.attn_output")), f"{block}.attn_output_norm")
        x = norm(add(x, feed_forward(x, block)), f"{block}.layer_output_norm")
    return graph.model({"x": [1, "tokens", width]}, {x: [1, "tokens", width]})


def quantized(weights: Array) -> list[NDArray[Any]]:
    """The columns as int8, the scale of each, and its zero, which is 0."""
    scale = np.maximum(np.abs(weights).max(axis=0) / 127, 1e-12).astype(np.float32)
    return [np.round(weights / scale).astype(np.int8), scale, np.zeros(len(scale), np.int8)]


def dequantized(rows: NDArray[np.uint8], kind: int) -> Array:
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    return np.asarray(dequantize(rows, GGMLQuantizationType(kind)), np.float32)


class Weights:
    """Tensors of a GGUF file, memory-mapped."""

    def __init__(self, path: Path, header: Header) -> None:
        self.data = np.memmap(path, np.uint8, "r", offset=header.data_start)
        self.tensors: dict[str, Tensor] = {tensor.name: tensor for tensor in header.tensors}

    def rows(self, name: str) -> NDArray[np.uint8]:
        """As they are stored, (rows, bytes of a row)."""
        tensor = self.tensors[name]
        return self.data[tensor.offset : tensor.offset + tensor.size].reshape(*tensor.shape[:0:-1], -1)

    def array(self, name: str) -> Array:
        return dequantized(self.rows(name), self.tensors[name].kind)
