"""Point 2: an agent trace, twelve calls over three interleaved threads that grow by what tools return."""

import asyncio
import random
import statistics
from typing import Any

from agentflow.serving.kvcache.radix_tree import common
from benchmarks.serve.sides import Call, Http, Serial

SYSTEM, TASK, RESULT, ANSWER, CALLS, THREADS = 400, 60, 120, 32, 12, 3


def trace(seed: int, words: list[int]) -> list[list[int]]:
    """The prompts in the order of the calls. The answers are part of the later prompts, as an agent's history is."""
    draw = random.Random(seed)

    def some(count: int) -> list[int]:
        return draw.choices(words, k=count)

    system = some(SYSTEM)
    threads = [[*system, *some(TASK)] for _ in range(THREADS)]
    prompts = []
    for call in range(CALLS):
        thread = threads[call % THREADS]
        prompts.append(list(thread))
        thread += some(ANSWER + RESULT)
    return prompts


def possible(prompts: list[list[int]]) -> int:
    """Prompt tokens that some earlier prompt began with."""
    total = 0
    for i, prompt in enumerate(prompts):
        total += max((common(prompt, earlier) for earlier in prompts[:i]), default=0)
    return total


async def measure(ours: Http, theirs: Http, serial: Serial, repeats: int, words: list[int]) -> dict[str, Any]:
    found: dict[str, list[list[Call]]] = {}
    prompts: list[list[int]] = []
    for repeat in range(repeats):
        prompts = trace(100 + repeat, words)
        for side in (ours, theirs):
            found.setdefault(side.name, []).append([await side.call(prompt, ANSWER) for prompt in prompts])
        calls = [await asyncio.to_thread(serial.call, prompt, ANSWER) for prompt in prompts]
        found.setdefault(serial.name, []).append(calls)
    reachable = possible(prompts)
    return {
        "prompt_tokens": sum(map(len, prompts)),
        "reachable_tokens": reachable,
        "sides": {
            name: {
                "cached_of_reachable": round(
                    statistics.median(sum(c.cached for c in calls) for calls in runs) / reachable, 3
                ),
                "first_token_s": round(statistics.median(c.first for calls in runs for c in calls[THREADS:]), 4),
                "total_s": round(statistics.median(sum(c.seconds for c in calls) for calls in runs), 2),
            }
            for name, runs in found.items()
        },
    }
