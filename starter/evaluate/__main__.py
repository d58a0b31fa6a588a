"""`python -m starter.evaluate [--weights FILE] [--count N] [--only read write ...] [--json FILE]`: the model card's table."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from starter.config import WEIGHTS
from starter.evaluate import acting, reading, writing
from starter.evaluate.local import Embedder, Local

PARTS = ("read", "write", "answer", "check", "plan", "act")


def part_of(name: str, local: Local, count: int, threads: int) -> dict[str, Any]:
    if name == "read":
        embedder = Embedder(threads)
        return {
            "paragraph": reading.top1(local, embedder, reading.cases(count, mixed=False)),
            "8 mixed": reading.top1(local, embedder, reading.cases(count, mixed=True)),
        }
    if name == "plan":
        return writing.plan(local)
    if name == "act":
        return {
            "simple_python": acting.bfcl(local, "simple_python"),
            "irrelevance": acting.bfcl(local, "irrelevance"),
            "calculator": acting.calculator(local),
        }
    measured: dict[str, Any] = getattr(writing, name)(local, count)
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS / "starter.gguf")
    parser.add_argument("--count", type=int, default=400, help="questions of qa/dev for each part")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    local = Local(options.weights, options.threads)
    table: dict[str, Any] = {}
    for name in options.only:
        began = time.monotonic()
        table[name] = part_of(name, local, options.count, options.threads)
        print(f"{name} ({time.monotonic() - began:.0f} s)", json.dumps(table[name], indent=1), flush=True)
        if options.json:
            options.json.write_text(json.dumps(table, indent=2) + "\n", "utf-8")
    rate = local.tokens / max(local.seconds, 1e-9)
    print(f"decode under grammar {rate:.0f} tokens/s; {local.unended} answers cut at their limit")


if __name__ == "__main__":
    main()
