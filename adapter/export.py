"""Writes the trained adapter as GGUF (F16), to be loaded beside the base:
`python -m adapter.export RUN/adapter.pt FILE.gguf --base BASE.gguf --name NAME`."""

import argparse
from pathlib import Path

import gguf
import numpy as np
import torch

from adapter.model import Shape


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--name", default="agentflow research adapter for SmolLM2-135M-Instruct")
    options = parser.parse_args()
    state = torch.load(options.state, map_location="cpu")["adapter"]
    matrices = {name: tensor for name, tensor in state.items() if name.endswith((".a", ".b"))}
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
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
