"""The run screen under load: 10,000 events in 10 s while keys are pressed, then 100,000 events for memory; first paint.

`python benchmarks/ui_events.py [--json FILE]`. Latency is from a key's arrival in the app's queue to its handler, behind
everything that was there before it; `cpu` counts only what this thread worked meanwhile, which other programs on the
machine do not change. First paint is from starting `agentflow` in a pseudo-terminal to its first drawn screen, bytecode
being there; its `cpu` is that of the whole process until then.
"""

import argparse
import asyncio
import fcntl
import json
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from textual import events as textual_events

from agentflow import events as ev

recorded = import_module("agentflow.bundled.ui.fake_backend")
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
        self.app.waits.append(time.monotonic() - self.app.sent)
        self.app.worked.append(time.thread_time() - self.app.sent_cpu)

    def draw(self) -> None:
        started = time.thread_time()
        super().draw()
        self.app.draws.append(time.thread_time() - started)


async def load(count: int, rate: float, keys: bool) -> dict[str, float]:
    feed = Feed(count, rate)
    app = AgentflowApp(recorded.RecordedBackend(runs=feed), theme="ink")
    app.waits, app.worked, app.draws, app.sent, app.sent_cpu = [], [], [], 0.0, 0.0
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(Timed("r"))
        cpu, clock = time.process_time(), time.monotonic()
        while not feed.done:
            if keys:
                app.sent, app.sent_cpu = time.monotonic(), time.thread_time()
                app.post_message(textual_events.Key("z", "z"))
            await asyncio.sleep(0.1)
        seconds = time.monotonic() - clock
        found = {"events": float(count), "seconds": seconds, "cpu_share": (time.process_time() - cpu) / seconds}
        await pilot.pause(0.2)
        found["rss_mb_at_a_tenth"] = feed.early_mb
        found["rss_mb"] = psutil.Process().memory_info().rss / 1e6
    found |= {"draws": len(app.draws), **_spread("draw_cpu", app.draws)}
    if keys:
        found |= {"keys": len(app.waits), **_spread("key", app.waits), **_spread("key_cpu", app.worked)}
    return found


def _spread(name: str, seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"{name}_p50_ms": 1e3 * statistics.median(ordered),
        f"{name}_p95_ms": 1e3 * ordered[int(len(ordered) * 0.95)],
        f"{name}_max_ms": 1e3 * ordered[-1],
    }


def first_paint(times: int) -> dict[str, float]:
    """In an empty folder, 100×30; the first start of all writes the bytecode and does not count."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "project").mkdir()
        for _ in range(times + 1):
            rows.append(_start(Path(folder)))
    return {
        "first_paint_s": min(row[0] for row in rows[1:]),
        "first_paint_median_s": statistics.median(row[0] for row in rows[1:]),
        "first_paint_cpu_s": statistics.median(row[1] for row in rows[1:]),
    }


def _start(folder: Path) -> tuple[float, float]:
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "XDG_CONFIG_HOME": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    started, said = time.monotonic(), b""
    process = subprocess.Popen(
        [sys.executable, "-m", "agentflow"], cwd=folder / "project", stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )  # fmt: skip
    while b"documents" not in said:  # "Ask your documents a question", in the middle of the home screen
        said += os.read(master, 65536)
    seconds, used = time.monotonic() - started, psutil.Process(process.pid).cpu_times()
    os.write(master, b"\x11")
    while process.poll() is None:
        if select.select([master], [], [], 0.1)[0]:
            with suppress(OSError):
                os.read(master, 65536)
    for end in (master, slave):
        os.close(end)
    return seconds, used.user + used.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    chosen = parser.parse_args()
    found: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    found["first_paint"] = first_paint(7)
    found["ten_thousand"] = asyncio.run(load(10_000, 1_000, keys=True))
    found["hundred_thousand"] = asyncio.run(load(100_000, 5_000, keys=False))
    text = json.dumps(found, indent=2)
    print(text)
    if chosen.json:
        chosen.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
