"""Point 1: concurrent answers after a shared prompt, cold and warm, at several widths."""

import asyncio
import random
import statistics
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.serve.sides import Http, Serial

SHARED, OWN = 960, 16


@dataclass(frozen=True, slots=True)
class Round:
    """`speed` is all answers' tokens over the wall time, prefill included; `per_cpu` over the server's CPU seconds."""

    speed: float
    per_cpu: float
    first: float
    computed: int


def prompts(width: int, seed: int, vocabulary: int) -> list[list[int]]:
    draw = random.Random(seed)
    shared = draw.choices(range(1000, vocabulary - 1000), k=SHARED)
    return [[*shared, *draw.choices(range(1000, vocabulary - 1000), k=OWN)] for _ in range(width)]


async def fan_out(side: Http, asked: list[list[int]], tokens: int) -> Round:
    began, cpu = time.perf_counter(), side.cpu()
    calls = await asyncio.gather(*(side.call(prompt, tokens) for prompt in asked))
    seconds, spent = time.perf_counter() - began, side.cpu() - cpu
    written = sum(call.written for call in calls)
    assert written == tokens * len(asked), f"{side.name} wrote {written} tokens"
    computed = sum(len(prompt) - call.cached for prompt, call in zip(asked, calls, strict=True))
    return Round(written / seconds, written / spent, statistics.median(call.first for call in calls), computed)


def one_by_one(side: Serial, asked: list[list[int]], tokens: int) -> Round:
    began, cpu = time.perf_counter(), side.cpu()
    calls = [side.call(prompt, tokens) for prompt in asked]
    seconds, spent = time.perf_counter() - began, side.cpu() - cpu
    computed = sum(len(prompt) - call.cached for prompt, call in zip(asked, calls, strict=True))
    written = sum(call.written for call in calls)
    return Round(written / seconds, written / spent, statistics.median(call.first for call in calls), computed)


async def measure(
    ours: Http, theirs: Http, serial: Serial, widths: list[int], tokens: int, repeats: int, vocabulary: int
) -> dict[str, Any]:
    """Sides take turns within each repeat, so that what else the machine does hits them alike."""
    found: dict[str, dict[str, list[Round]]] = {}
    for repeat in range(repeats):
        for width in widths:
            asked = prompts(width, seed=1000 * repeat + width, vocabulary=vocabulary)
            rounds = found.setdefault(str(width), {})
            for state in ("cold", "warm"):
                for side in (ours, theirs) if repeat % 2 == 0 else (theirs, ours):
                    rounds.setdefault(f"{side.name} {state}", []).append(await fan_out(side, asked, tokens))
            if width in (1, 8) and repeat == 0:
                rounds.setdefault("Llama", []).append(await asyncio.to_thread(one_by_one, serial, asked, tokens))
    return {width: {name: summary(rounds) for name, rounds in sides.items()} for width, sides in found.items()}


def summary(rounds: list[Round]) -> dict[str, Any]:
    return {
        "tokens_per_s": round(statistics.median(r.speed for r in rounds), 1),
        "tokens_per_cpu_s": round(statistics.median(r.per_cpu for r in rounds), 1),
        "all": [round(r.speed, 1) for r in rounds],
        "first_token_s": round(statistics.median(r.first for r in rounds), 3),
        "prompt_tokens_computed": int(statistics.median(r.computed for r in rounds)),
    }
