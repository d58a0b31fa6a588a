"""Writes the training families as text: `python -m adapter.data FILE --families 2000`, one JSON line a family."""

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path

from adapter.claims import check
from adapter.example import Family
from adapter.planning import plan
from adapter.reading import headers, prose

SHARES = {"prose": 0.66, "headers": 0.2, "check": 0.07, "plan": 0.07}


def plans(rng: random.Random) -> Family:
    """They share the system message only."""
    return [item for _ in range(12) for item in plan(rng)]


MAKERS: dict[str, Callable[[random.Random], Family]] = {
    "prose": prose,
    "headers": headers,
    "check": check,
    "plan": plans,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--families", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with options.file.open("w", encoding="utf-8") as out:
        for _ in range(options.families):
            kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
            if family := MAKERS[kind](rng):
                out.write(json.dumps({"kind": kind, "examples": family}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
