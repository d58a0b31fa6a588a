"""From a checkpoint to the weights that ship: `python -m starter.export [--model draft] [--q8]`."""

import argparse
from pathlib import Path

import numpy as np
import torch

from starter.config import RUNS, SHAPES, WEIGHTS
from starter.export_gguf import Arrays
from starter.export_gguf import export as export_gguf


def weights(checkpoint: Path, kind: str) -> Arrays:
    """`kind`: "model", the last step, best after the rate has come down to zero; or "average", before that."""
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return {name: value.float().numpy().astype(np.float32) for name, value in saved[kind].items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=SHAPES, default="starter")
    parser.add_argument("--q8", action="store_true", help="Q8_0 matrices instead of F16")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--kind", choices=("model", "average"), default="model")
    options = parser.parse_args()
    shape, tokenizer = SHAPES[options.model], RUNS / "tokenizer.json"
    state = weights(options.checkpoint or RUNS / f"{shape.name}.pt", options.kind)
    path = export_gguf(state, shape, tokenizer, options.out or WEIGHTS / f"{shape.name}.gguf", quantised=options.q8)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
