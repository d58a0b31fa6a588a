"""Writes the trained adapter as GGUF (F16), to be loaded beside the base:
`python -m adapter.export RUN/adapter.pt FILE.gguf --base BASE.gguf --name NAME`.

`--with OTHER/adapter.pt` averages two that went on from the same state, each on data and a core of its own (local SGD, Stich 2019):
of the mean change to each matrix the nearest of the same rank.
"""

import argparse
from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor

from adapter.model import Shape
from agentflow.serving.backend.gguf_file import finish


def averaged(one: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Tensor]:
    """For each `a`, (rank, in), and `b`, (out, rank): the best approximation of the mean of both products `b @ a`."""
    found = {}
    for name in [name.removesuffix(".a") for name in one if name.endswith(".a")]:
        rank = len(one[f"{name}.a"])
        out, right_out = torch.linalg.qr(torch.cat([one[f"{name}.b"], other[f"{name}.b"]], 1) / 2)
        into, right_in = torch.linalg.qr(torch.cat([one[f"{name}.a"], other[f"{name}.a"]]).T)
        left, size, right = torch.linalg.svd(right_out @ right_in.T)
        root = size[:rank].sqrt()
        found[f"{name}.a"] = root[:, None] * right[:rank] @ into.T
        found[f"{name}.b"] = out @ left[:, :rank] * root
    return found


def loaded(state: Path) -> dict[str, Tensor]:
    tensors = torch.load(state, map_location="cpu")["adapter"]
    return {name: tensor for name, tensor in tensors.items() if name.endswith((".a", ".b"))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--with", dest="other", type=Path, help="a second state to average with")
    parser.add_argument("--name", default="agentflow research adapter for SmolLM2-135M-Instruct")
    options = parser.parse_args()
    matrices = loaded(options.state)
    if options.other:
        matrices = averaged(matrices, loaded(options.other))
    rank = next(tensor.shape[0] for name, tensor in matrices.items() if name.endswith(".a"))
    writer = gguf.GGUFWriter(options.file, Shape.of(options.base).architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.0 * rank)
    writer.add_name(options.name)
    writer.add_license("apache-2.0")
    for name, tensor in matrices.items():
        _, block, rest = name.split(".")[1].split("_", 2)  # adapted.blk_0_attn_q.a
        target = f"blk.{block}.{rest}.weight.lora_{name[-1]}"
        writer.add_tensor(target, tensor.numpy().astype(np.float16))
    finish(writer)


if __name__ == "__main__":
    main()
