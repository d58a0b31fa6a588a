"""Training rows in shards: shard i is a function of the recipe and i alone, made while the shard before is trained on."""

import random
from dataclasses import asdict
from pathlib import Path

import numpy as np

from starter import tokenizer as tokenizers
from starter.config import RUNS
from starter.example import trees
from starter.pack import Rows, Tree, pack
from starter.recipe import MAKERS, shares

TOKENS = 600_000
SHORT, LONG = 512, 2_048


def build(number: int, folder: Path = RUNS, tokens: int = TOKENS) -> Path:
    """Writes shard `number`: rows of SHORT tokens, and rows of LONG tokens for the trees that need them."""
    path = folder / "shards" / f"{number:04d}.npz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = random.Random(number)
    tokenizer = tokenizers.load(folder / "tokenizer.json")
    grown: list[Tree] = []
    for name, share in shares(number).items():
        maker, made = MAKERS[name][0], 0
        while made < tokens * share:
            fresh = [t for t in trees((maker(rng) for _ in range(64)), tokenizer, rng) if len(t) <= LONG]
            grown += fresh
            made += sum(map(len, fresh))
    rng.shuffle(grown)
    pad = tokenizer.token_to_id("<|pad|>")
    short = pack([t for t in grown if len(t) <= SHORT], SHORT, pad)
    long = pack([t for t in grown if len(t) > SHORT], LONG, pad)
    arrays = {f"{name}_{k}": v for name, rows in (("short", short), ("long", long)) for k, v in asdict(rows).items()}
    part = path.with_suffix(".part.npz")
    np.savez(part, **arrays)
    return part.replace(path)


def load(path: Path) -> tuple[Rows, Rows]:
    with np.load(path) as arrays:
        fields = Rows.__dataclass_fields__
        short, long = (Rows(**{k: arrays[f"{name}_{k}"] for k in fields}) for name in ("short", "long"))
    return short, long
