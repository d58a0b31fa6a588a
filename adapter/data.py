"""Writes the training families as text: `python -m adapter.data FILE --families 2000 --written QUESTIONS`, one JSON line a family."""

import argparse
import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from adapter.example import Family
from adapter.questions import written
from adapter.reading import Library, headers, natural_prose, prose

SHARES = {"prose": 0.66, "written": 0.17, "headers": 0.17}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--written", type=Path, required=True, help="what adapter.written made")
    parser.add_argument("--families", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    makers: dict[str, Callable[[random.Random], Family]] = {
        "prose": natural_prose,
        "written": partial(prose, store=Library(written(options.written))),
        "headers": headers,
    }
    with options.file.open("w", encoding="utf-8") as out:
        for _ in range(options.families):
            kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
            if family := makers[kind](rng):
                out.write(json.dumps({"kind": kind, "examples": family}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
