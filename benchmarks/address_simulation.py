"""A thousand runs on simulated servers with recorded timings; who gets which call decides the code of agentflow itself."""

import heapq
import json
import random
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agentflow.models.addresses.homes import Homes
from benchmarks.serve.trace import ANSWER, RESULT, SYSTEM, TASK


class Call(NamedTuple):
    """Tokens of one model call: its prompt, how many of them no earlier call of its run had, its answer."""

    prompt: int
    new: int
    answer: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds: to compute one token of a prompt, and for one step that writes a token of each of n answers (`step[n - 1]`).
    `cells` are the tokens that a server's cache holds."""

    prefill: float
    step: tuple[float, ...]
    cells: int


def recorded(path: Path, rows: int = 16, context: int = 4096) -> Timings:
    """What the embedded server was measured to take on an idle machine, for a model of 0.5B parameters in BF16."""
    by_rows = json.loads(path.read_text())["formats"]["BF16"]["step_seconds_by_rows"]
    known = sorted((int(count), seconds) for count, seconds in by_rows.items())
    step = np.interp(range(1, rows + 1), *zip(*known, strict=True))
    largest, seconds = known[-1]
    return Timings(seconds / largest, tuple(map(float, step)), rows * context)


def agent_runs(count: int, seed: int) -> list[list[Call]]:
    """Agents as benchmarks/serve/trace.py has them: the same system prompt, a task, and a history that grows by each answer
    and what a tool returned. Four to twelve calls a run."""
    dice = random.Random(seed)
    runs = []
    for _ in range(count):
        grown = ANSWER + RESULT
        calls = [Call(SYSTEM + TASK, TASK, ANSWER)]
        for nth in range(1, dice.randint(4, 12)):
            calls.append(Call(SYSTEM + TASK + nth * grown, grown, ANSWER))
        runs.append(calls)
    return runs


@dataclass(slots=True)
class Asked:
    """A call on its way: `left` are tokens still to be written."""

    run: str
    call: Call
    done: Callable[[float], None]
    left: int = 0


@dataclass(slots=True)
class SimulatedServer:
    """Continuous batching: a new prompt is computed when a place is free, then all answers get a token a step."""

    timings: Timings
    waiting: deque[Asked] = field(default_factory=deque)
    writing: list[Asked] = field(default_factory=list)
    cached: "OrderedDict[str, int]" = field(default_factory=OrderedDict)
    running: bool = False
    computed: int = 0
    prompts: int = 0

    def step(self) -> tuple[float, list[Asked]]:
        """(seconds it takes, answers finished by it)"""
        if self.waiting and len(self.writing) < len(self.timings.step):
            asked = self.waiting.popleft()
            asked.left = asked.call.answer
            self.writing.append(asked)
            return self._compute(asked) * self.timings.prefill, []
        seconds = self.timings.step[len(self.writing) - 1]
        for asked in self.writing:
            asked.left -= 1
        finished = [asked for asked in self.writing if asked.left <= 0]
        self.writing = [asked for asked in self.writing if asked.left > 0]
        return seconds, finished

    def _compute(self, asked: Asked) -> int:
        """Prompt tokens to compute: the new ones where the run's last prompt lies in the cache, else all but the system
        prompt that all runs share."""
        tokens = asked.call.new if self.cached.pop(asked.run, None) else asked.call.prompt - SYSTEM
        self.cached[asked.run] = asked.call.prompt
        while sum(self.cached.values()) > self.timings.cells and len(self.cached) > 1:
            self.cached.popitem(last=False)
        self.computed += tokens
        self.prompts += asked.call.prompt
        return tokens


Choose = Callable[[str, Sequence[str]], str]
Chooser = Callable[[Callable[[], float]], Choose]
"""Makes a choice from the clock of the simulation."""


def stay(clock: Callable[[], float]) -> Choose:
    """agentflow's own."""
    return Homes(1.25, clock).home


def scatter(clock: Callable[[], float]) -> Choose:
    """Any, for each call anew: what a plain load balancer does."""
    dice = random.Random(2)
    return lambda session, names: dice.choice(names)


class Simulated(NamedTuple):
    """Seconds of each run in the order they ended, runs a second, and the share of prompt tokens that were not computed."""

    latencies: list[float]
    rate: float
    hits: float


def simulate(
    runs: Sequence[Sequence[Call]], servers: int, rate: float, timings: Timings, chooser: Chooser, seed: int = 0
) -> Simulated:
    """Runs come at `rate` a second (a Poisson process); each makes its calls one after the other."""
    dice = random.Random(seed)
    fleet = {f"server {number}": SimulatedServer(timings) for number in range(servers)}
    events: list[tuple[float, int, Callable[[float], None]]] = []
    numbers = iter(range(10**9))
    latencies: list[float] = []
    now = last = 0.0
    choose = chooser(lambda: now)

    def at(time: float, what: Callable[[float], None]) -> None:
        heapq.heappush(events, (time, next(numbers), what))

    def turn(server: SimulatedServer, now: float) -> None:
        server.running = bool(server.waiting or server.writing)
        if server.running:
            seconds, finished = server.step()

            def after(later: float) -> None:
                for asked in finished:
                    asked.done(later)
                turn(server, later)

            at(now + seconds, after)

    def follow(name: str, calls: Iterator[Call], begun: float, now: float) -> None:
        nonlocal last
        if (call := next(calls, None)) is None:
            latencies.append(now - begun)
            last = now
            return
        server = fleet[choose(name, list(fleet))]
        server.waiting.append(Asked(name, call, lambda later: follow(name, calls, begun, later)))
        if not server.running:
            turn(server, now)

    def arrive(name: str, calls: Iterator[Call], now: float) -> None:
        follow(name, calls, now, now)

    arrival = 0.0
    for number, calls in enumerate(runs):
        arrival += dice.expovariate(rate)
        at(arrival, partial(arrive, f"run {number}", iter(calls)))
    while events:
        now, _, what = heapq.heappop(events)
        what(now)
    computed, prompts = (sum(getattr(server, name) for server in fleet.values()) for name in ("computed", "prompts"))
    return Simulated(latencies, len(runs) / last, 1 - computed / prompts)
