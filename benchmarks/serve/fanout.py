"""Point 1: concurrent answers after a shared prompt, cold and warm, at several widths."""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.serve.sides import Call, Http, Serial

SHARED, OWN = 960, 16
Ask = Callable[[list[list[int]], int], Awaitable[list[Call]]]


@dataclass(frozen=True, slots=True)
class Round:
    """`speed` is all answers' tokens over the wall time, prefill included; `per_cpu` over the server's CPU seconds."""

    speed: float
    per_cpu: float
    first: float
    computed: int


def prompts(width: int, seed: int, words: list[int]) -> list[list[int]]:
    draw = random.Random(seed)
    shared = draw.choices(words, k=SHARED)
    return [[*shared, *draw.choices(words, k=OWN)] for _ in range(width)]


def at_once(side: Http) -> Ask:
    async def ask(asked: list[list[int]], tokens: int) -> list[Call]:
        return list(await asyncio.gather(*(side.call(prompt, tokens) for prompt in asked)))

    return ask


def one_by_one(side: Serial) -> Ask:
    async def ask(asked: list[list[int]], tokens: int) -> list[Call]:
        return [await asyncio.to_thread(side.call, prompt, tokens) for prompt in asked]

    return ask


async def fan_out(side: Http | Serial, asked: list[list[int]], tokens: int) -> Round:
    ask = one_by_one(side) if isinstance(side, Serial) else at_once(side)
    began, cpu = time.perf_counter(), side.cpu()
    calls = await ask(asked, tokens)
    seconds, spent = time.perf_counter() - began, side.cpu() - cpu
    written = sum(call.written for call in calls)
    assert written == tokens * len(asked), f"{side.name} wrote {written} tokens"
    computed = sum(len(prompt) - call.cached for prompt, call in zip(asked, calls, strict=True))
    return Round(written / seconds, written / spent, statistics.median(call.first for call in calls), computed)


async def measure(
    servers: list[Http],
    serial: list[Http | Serial],
    width: int,
    tokens: int,
    repeats: int,
    words: list[int],
    cold: bool = True,
) -> dict[str, Any]:
    """One width. Sides take turns within each repeat, so that what else the machine does hits them alike. `serial`
    ones answer one after the other; their prefix is warm after the first answer. They get one turn, and none at 16:
    their speed no longer depends on the number of answers. Without `cold` only the first repeat begins with an empty
    cache."""
    rounds: dict[str, list[Round]] = {}
    for repeat in range(repeats):
        asked = prompts(width, seed=1000 * repeat * cold + width, words=words)
        for state in ("cold", "warm") if cold or repeat == 0 else ("warm",):
            for side in servers if repeat % 2 == 0 else servers[::-1]:
                rounds.setdefault(f"{side.name} {state}", []).append(await fan_out(side, asked, tokens))
        if repeat == 0 and width <= 8:
            for other in serial:
                rounds.setdefault(other.name, []).append(await fan_out(other, asked, tokens))
    return {name: summary(found) for name, found in rounds.items()}


def summary(rounds: list[Round]) -> dict[str, Any]:
    return {
        "tokens_per_s": round(statistics.median(r.speed for r in rounds), 1),
        "tokens_per_cpu_s": round(statistics.median(r.per_cpu for r in rounds), 1),
        "all": [round(r.speed, 1) for r in rounds],
        "first_token_s": round(statistics.median(r.first for r in rounds), 3),
        "prompt_tokens_computed": int(statistics.median(r.computed for r in rounds)),
    }
