"""Writes the training families as text: `python -m adapter.data FILE --families 2000 --cut CUT`, one JSON line a family."""

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path

from adapter.documents import ASKED, library
from adapter.example import Family
from adapter.reading import headers, natural_prose, prose

SHARES = {"documents": 0.45, "prose": 0.2, "headers": 0.35}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--cut", type=Path, required=True, help="folder of what adapter.documents made")
    parser.add_argument("--families", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    sets = [library(file, options.cut) for file in sorted(ASKED.glob("*.jsonl"))]
    weights = [len(store.roots) for store in sets]
    makers: dict[str, Callable[[random.Random], Family]] = {
        "documents": lambda rng: prose(rng, rng.choices(sets, weights)[0]),
        "prose": natural_prose,
        "headers": headers,
    }
    with options.file.open("w", encoding="utf-8") as out:
        for _ in range(options.families):
            kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
            if family := makers[kind](rng):
                out.write(json.dumps({"kind": kind, "examples": family}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
