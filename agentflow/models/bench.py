"""`agentflow models bench`: prefill and decode of a running model, alone and in parallel, beside the roofline."""

import asyncio
import time
from pathlib import Path
from typing import Any

from agentflow.events import Sink
from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.client.types import Answer, Message, Request, Sampling
from agentflow.models.pool import Models
from agentflow.models.weights.fit import memory_of, uses_gpu
from agentflow.models.weights.hardware import gpus
from agentflow.models.weights.roofline import bandwidth, ceiling, keep_measured

PASSAGE = (
    "The harbour was built in 1893, after the storm had taken the old pier. Forty years later the railway followed, "
    "and with it the cannery, whose chimney still stands. Fishing ended when the cold current moved north; since then "
    "the town lives on visitors, who come for the light and the birds on the cliffs. "
)


async def bench(catalog: ModelCatalog, name: str, tokens: int, sink: Sink) -> dict[str, Any]:
    """Rates in tokens per second: `decode` of all answers together, `each` of one. Kept for `models fit`."""
    async with Models(catalog, Path.cwd(), sink=sink) as models:
        client = await models.client(name)
        config = client.config
        await models.ask(name, _request(0, 8, client.window))
        rows = []
        for parallel in (count for count in (1, 4, 8) if count == 1 or count <= config.parallel):
            rows.append(await _round(models, name, parallel, tokens, client.window))
        need = memory_of(config) if config.backend != "endpoint" else None
        on_gpu = uses_gpu(config, gpus())
        limit = ceiling(need.active, need.kv_token, min(config.context, 1024), bandwidth(on_gpu)) if need else 0.0
        report = {
            "model": config.name,
            "server": (await client.connected()).can.kind,
            "tokens": tokens,
            "rows": rows,
            "ceiling": limit,
        }
    keep_measured(config.name, {"decode": rows[0]["each"], "at": time.time()})
    return report


async def _round(models: Models, name: str, parallel: int, tokens: int, window: int) -> dict[str, Any]:
    started = time.monotonic()
    asked = [_request(number + 1 + 10 * parallel, tokens, window) for number in range(parallel)]
    answers: list[Answer] = await asyncio.gather(*(models.ask(name, request) for request in asked))
    wall = time.monotonic() - started
    prefill = [(one.usage.prompt - one.usage.cached) / max(one.timing.prefill, 1e-6) for one in answers]
    each = [one.usage.completion / max(one.timing.decode, 1e-6) for one in answers]
    return {
        "parallel": parallel,
        "prefill": sum(prefill) / len(prefill),
        "first_token": sum(one.timing.first_token for one in answers) / len(answers),
        "decode": sum(one.usage.completion for one in answers) / wall,
        "each": sum(each) / len(each),
        "drafted": sum(one.usage.drafted for one in answers),
        "accepted": sum(one.usage.accepted for one in answers),
    }


def _request(number: int, tokens: int, window: int) -> Request:
    """A prompt of its own (its first words differ), a quarter of the window at most."""
    repeats = max(1, min(8, window // 4 // 80))
    text = f"Report {number}. {PASSAGE * repeats}\nTell the history of the town in your own words."
    sampling = Sampling(temperature=0.8, seed=number)
    return Request((Message("user", text),), max_tokens=tokens, sampling=sampling, priority="batch")
