"""One model on one server and on three: latency against offered load by simulation, and both sides on this machine.

    python -m benchmarks.addresses simulate   1,000 runs at growing load, with recorded timings
    python -m benchmarks.addresses measure    real servers side by side on this machine, and one killed in the middle

Each writes its part of benchmarks/results/addresses.json, and when both are there addresses.md and addresses.svg.
"""

import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from agentflow import bundled
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.client.types import Message, Request, Sampling
from agentflow.models.pool import Models
from agentflow.models.servers.admin import running
from agentflow.usage import Usage
from benchmarks.address_simulation import agent_runs, recorded, scatter, simulate, stay
from benchmarks.address_tables import write_results

RESULTS = Path(__file__).parent / "results"
SCATTERED = "three, calls scattered"
RUNS, RATES = 1000, (0.03, 0.06, 0.09, 0.12, 0.13, 0.14, 0.15, 0.16)
"""Runs offered a second for each server."""
AT_ONCE, MEASURED, TURNS = 16, 48, 4
COLD = "{backend: llama, weights: 'bundled:starter/weights/starter.gguf', context: 4096, parallel: 8, %s}"


def simulated() -> list[dict[str, Any]]:
    """One row a side and load; rates in runs a second, latencies in seconds."""
    timings, runs = recorded(RESULTS / "serving-random.json"), agent_runs(RUNS, 1)
    rows = []
    for side, servers in (("one", 1), ("three", 3), (SCATTERED, 3)):
        for rate in RATES:
            found = simulate(runs, servers, rate * servers, timings, scatter if side == SCATTERED else stay)
            p50, p99 = quantiles(found.latencies)
            rows.append({"side": side, "offered": rate * servers, "rate": found.rate, "p50": p50, "p99": p99,
                         "hits": found.hits})  # fmt: skip
    return rows


async def measured() -> list[dict[str, Any]]:
    """Growing conversations, 16 at a time, on real servers of the starter."""
    return [await side("one", 1), await side("three", 3), await side("three, one killed", 3, kill=True)]


async def side(name: str, replicas: int, *, kill: bool = False) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        entry = COLD % f"prefix_cache: {{memory: 0, disk: 0}}, replicas: {replicas}"
        own = Path(folder) / "models.yaml"
        own.write_text(f"models: {{starter: {entry}}}\n")
        async with Models(load_catalog([bundled.ROOT / "models.yaml", own]), Path(folder)) as models:
            await models.client("starter")
            places, begun = asyncio.Semaphore(AT_ONCE), time.monotonic()
            jobs = [asyncio.ensure_future(one_run(models, f"{name} {n}", places)) for n in range(MEASURED)]
            if kill:
                await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                victim = next(server for _, server in running() if server.name == "starter")
                os.kill(victim.pid, signal.SIGKILL)
            done = await asyncio.gather(*jobs)
            seconds = time.monotonic() - begun
    used = Usage.total(usage for _, usage in done)
    p50, p99 = quantiles([taken for taken, _ in done])
    return {"side": name, "rate": MEASURED / seconds, "p50": p50, "p99": p99, "hits": used.cached / used.prompt,
            "runs": len(done), "load": os.getloadavg()[0]}  # fmt: skip


async def one_run(models: Models, name: str, places: asyncio.Semaphore) -> tuple[float, Usage]:
    """(seconds, tokens). Any error would end the benchmark."""
    async with places:
        begun, used = time.monotonic(), Usage()
        messages = [Message("system", "You read documents and answer by what they say. " * 6)]
        for turn in range(TURNS):
            messages.append(Message("user", f"{name}, {turn}: " + f"What does {name} say of {turn}? " * 12))
            request = Request(tuple(messages), run=name, max_tokens=24, sampling=Sampling(temperature=0.0, seed=0))
            answer = await models.ask("starter", request)
            messages.append(Message("assistant", answer.text))
            used += answer.usage
        return time.monotonic() - begun, used


def quantiles(values: list[float]) -> tuple[float, float]:
    """p50 and p99."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]


def main() -> None:
    part, file = sys.argv[-1], RESULTS / "addresses.json"
    kept = json.loads(file.read_text()) if file.is_file() else {}
    match part:
        case "simulate":
            kept["simulated"] = simulated()
        case "measure":
            kept["measured"] = asyncio.run(measured())
        case _:
            sys.exit(__doc__)
    file.write_text(json.dumps(kept, indent=1) + "\n")
    if len(kept) == 2:
        write_results(kept, RESULTS)


if __name__ == "__main__":
    main()
