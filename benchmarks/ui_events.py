"""The run screen under load: 10,000 events in 10 s while keys are pressed, then 100,000 events for memory; first paint.

`python benchmarks/ui_events.py [--json FILE]`. Latency is from a key's arrival in the app's queue to its handler.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from textual import events as textual_events

from agentflow import events as ev

recorded = import_module("agentflow.bundled.ui.recorded")
AgentflowApp = import_module("agentflow.bundled.ui.app").AgentflowApp
RunScreen = import_module("agentflow.bundled.ui.screens.run").RunScreen


def stream(count: int) -> Iterator[ev.Event]:
    """The mixture of a real run: mostly pieces of text, some steps, evidence and meters; made as it is read."""
    yield ev.RunStarted(run="r", graph="research", inputs={"question": "Why?"}, models={})
    for number in range(count - 1):
        step = f"{number // 100:05d}-investigate"
        match number % 100:
            case 0:
                yield ev.StepStarted(step=step, node="investigate", label=f"Sub-question {number // 100 % 40}")
            case 1:
                yield ev.ModelCalled(step=step, call=step, role="reader", model="m", prompt="Question: why? " * 20)
            case 97:
                place = f"a.md:{number}"
                yield ev.EvidenceFound(
                    step=step, evidence=str(number), question="q", quote=f"Quote {number}.", place=place, relevance=0.8
                )
            case 98:
                yield ev.ModelAnswered(step=step, call=step, model="m", prompt_tokens=300, cached_tokens=200, completion_tokens=95,
                                             drafted=40, accepted=30, first_token=0.1, seconds=0.4)  # fmt: skip
            case 99:
                yield ev.StepEnded(step=step, node="investigate", seconds=1.0)
            case _:
                yield ev.ModelText(step=step, call=step, text="word ")


class Feed(recorded.RecordedRuns):  # type: ignore[misc,name-defined]
    """Events at a given rate, in batches every 50 ms as the local backend reads them."""

    def __init__(self, count: int, rate: float) -> None:
        super().__init__()
        self.count, self.rate, self.done, self.early_mb = count, rate, False, 0.0

    async def follow(self, run: str) -> AsyncIterator[list[ev.Event]]:
        events, started, sent = stream(self.count), time.monotonic(), 0
        while sent < self.count:
            due = min(self.count, int((time.monotonic() - started) * self.rate) + 1)
            if batch := list(islice(events, due - sent)):
                yield batch
            sent = due
            if sent >= self.count // 10 and not self.early_mb:
                self.early_mb = psutil.Process().memory_info().rss / 1e6
            await asyncio.sleep(0.05)
        self.done = True


class Timed(RunScreen):  # type: ignore[misc,valid-type]
    """Notes when a key reaches it, after the app and the focused list."""

    CSS_PATH = str(Path(sys.modules[RunScreen.__module__].__file__ or "").parent / "run.tcss")

    def on_key(self, event: textual_events.Key) -> None:
        self.app.waits.append(time.time() - self.app.sent)


async def load(count: int, rate: float, keys: bool) -> dict[str, float]:
    feed = Feed(count, rate)
    app = AgentflowApp(recorded.RecordedBackend(runs=feed), theme="ink")
    app.waits, app.sent = [], 0.0
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(Timed("r"))
        cpu, clock = time.process_time(), time.monotonic()
        while not feed.done:
            if keys:
                app.sent = time.time()
                app.post_message(textual_events.Key("z", "z"))
            await asyncio.sleep(0.1)
        seconds = time.monotonic() - clock
        found = {"events": float(count), "seconds": seconds, "cpu_share": (time.process_time() - cpu) / seconds}
        await pilot.pause(0.2)
        found["rss_mb_at_a_tenth"] = feed.early_mb
        found["rss_mb"] = psutil.Process().memory_info().rss / 1e6
    if waits := sorted(app.waits):
        found |= {
            "keys": len(waits),
            "key_p50_ms": 1e3 * statistics.median(waits),
            "key_p95_ms": 1e3 * waits[int(len(waits) * 0.95)],
        }
    return found


FIRST_PAINT = """
import resource, sys, time
from pathlib import Path
from textual.screen import Screen
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.local.backend import LocalBackend
draw = Screen._compositor_refresh
def first(screen):
    draw(screen)
    if type(screen).__name__ == "HomeScreen" and screen.query("#question"):
        Screen._compositor_refresh = draw
        used = resource.getrusage(resource.RUSAGE_SELF)
        sys.stderr.write(f"{time.time() - float(sys.argv[1])} {used.ru_utime + used.ru_stime}\\n")
        screen.app.exit()
Screen._compositor_refresh = first
AgentflowApp(LocalBackend.open(Path(sys.argv[2])), theme="ink").run(headless=True)
"""


def first_paint(times: int) -> dict[str, float]:
    """From the start of the interpreter to the first drawn home screen, in an empty folder."""
    import tempfile

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times):
            command = [sys.executable, "-c", FIRST_PAINT, str(time.time()), folder]
            said = subprocess.run(
                command, capture_output=True, text=True, check=True, env=os.environ | {"NO_COLOR": ""}
            ).stderr
            rows.append([float(part) for part in said.strip().splitlines()[0].split()])
    return {"first_paint_s": min(row[0] for row in rows), "first_paint_cpu_s": min(row[1] for row in rows)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    chosen = parser.parse_args()
    found: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    found["first_paint"] = first_paint(5)
    found["ten_thousand"] = asyncio.run(load(10_000, 1_000, keys=True))
    found["hundred_thousand"] = asyncio.run(load(100_000, 5_000, keys=False))
    text = json.dumps(found, indent=2)
    print(text)
    if chosen.json:
        chosen.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
