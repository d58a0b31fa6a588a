"""Point 8: mixed requests of several client processes, of which one after the other is killed in the middle of its work."""

import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import psutil

from benchmarks.serve import sides
from benchmarks.serve.mixed import MixedRequests

CLIENTS, AT_ONCE, LIFE = 4, 2, 20.0  # processes, requests of each at a time, mean seconds until one is killed
SETTLED = 0.25  # of the time: allocators and caches have what they keep
PREFIXES = 16 << 20  # bytes that saved prefixes may take: full long before the memory is looked at
PATIENCE = 600.0  # seconds after which an answer counts as lost


@dataclass
class Clients:
    """Processes that ask without end. What they finished is counted; what a killed one had under way is nobody's."""

    url: str
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    outcomes: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    living: "list[subprocess.Popen[str]]" = field(default_factory=list)
    killed: int = 0

    def start(self) -> None:
        argv = [sys.executable, "-m", "benchmarks.serve.soak", self.url, str(self.draw.randrange(1 << 30))]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, args=(process,), daemon=True).start()
        self.living.append(process)

    def listen(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            if line.endswith("\n"):  # a killed one may leave half a line
                told = json.loads(line)
                self.outcomes[told["outcome"]] += 1
                self.lost += [told["why"]] if told["outcome"] == "lost" else []

    def kill(self) -> None:
        process = self.living.pop(self.draw.randrange(len(self.living)))
        process.kill()
        process.wait()
        self.killed += 1


def measure(path: Path, threads: int, minutes: float, log: Path) -> dict[str, Any]:
    """0 lost, nothing running or held afterwards, and memory as it was once it had settled: what a sound server shows."""
    with sides.agentflow(path, 8, threads, log, prefix_store={"memory": PREFIXES}) as server:
        clients, began = Clients(str(server.client.base_url)), time.monotonic()
        settled = 0
        for _ in range(CLIENTS):
            clients.start()
        while (gone := time.monotonic() - began) < 60 * minutes:
            time.sleep(clients.draw.expovariate(CLIENTS / LIFE))
            if not settled and gone > SETTLED * 60 * minutes:
                settled = memory(server.process)
            clients.kill()
            clients.start()
        while clients.living:
            clients.kill()
        asyncio.run(clean(clients.url))
        after = memory(server.process)
    return {
        "minutes": round(minutes),
        "answers": clients.outcomes.total(),
        "clients killed": clients.killed,
        "lost": len(clients.lost),
        "stuck": 0,
        "memory, MB": f"{settled / 1e6:.0f} -> {after / 1e6:.0f}",
        "memory, change": round(after / settled - 1, 4),
        "outcomes": dict(clients.outcomes),
        "why lost": clients.lost[:10],
    }


def memory(process: psutil.Process) -> int:
    return int(process.memory_info().rss)


async def clean(url: str) -> None:
    """Raises when a request is stuck or its cells are still held."""
    requests = MixedRequests(url, "", "bench", seed=0)
    await requests.assert_clean()
    await requests.client.aclose()


async def ask(url: str, seed: int) -> None:
    """Until it is killed: a line for each request, with what became of it."""
    requests = MixedRequests(url, "", "bench", seed, timeout=PATIENCE)

    async def one_after_the_other() -> None:
        while True:
            try:
                told = {"outcome": await requests.one()}
            except (AssertionError, KeyError, ValueError, httpx.HTTPError, jsonschema.ValidationError) as error:
                told = {"outcome": "lost", "why": repr(error)[:300]}
            print(json.dumps(told), flush=True)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], int(sys.argv[2])))
