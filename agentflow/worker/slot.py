"""One slot of a worker: a process that carries one run of the queue after the other.

`python -m agentflow.worker.slot CONFIG` (WorkerConfig as JSON). It tells what it does as JSON lines on standard output.
A process of its own for each slot: a run that crashes, blocks or eats its process does so to no other run.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any

from agentflow.engine import Engine
from agentflow.errors import AgentflowError, StoreFailed
from agentflow.events import Event
from agentflow.export.collector import tracing
from agentflow.project import Project
from agentflow.runs.errors import LeaseLost
from agentflow.runs.execution import GIVE_BACK
from agentflow.runs.live_text import LiveText, live_path
from agentflow.runs.queue import ClaimedRun, claim, is_empty, recover
from agentflow.runs.store import QUEUE_TOPIC
from agentflow.serving.parent_watch import die_with
from agentflow.worker.config import WorkerConfig

RECOVER = 1.0  # seconds between looks for runs whose worker is gone
IDLE = 300.0  # seconds without a run after which the models' memory is freed
HUNG = 70  # exit code
MOST_TOLD = 8_000  # characters of a message

heard = 1  # where it tells; what a library prints goes to standard error


class Slot:
    def __init__(self, config: WorkerConfig) -> None:
        self.config = config
        self.ending = asyncio.Event()  # claim no more
        self.hurry = asyncio.Event()  # give back at once
        self.live: LiveText | None = None
        self.ticked = time.monotonic()

    async def serve(self) -> None:
        """Until it is told to end, or with `until_empty` until nothing is left."""
        project = Project.open(self.config.project)
        with tracing(project.root) as let_go:
            async with Engine(project, sink=self._sink, let_go=let_go) as engine:
                await self._work(engine)

    async def _work(self, engine: Engine) -> None:
        tell("ready", pid=os.getpid())
        looked, worked, away, carried = 0.0, time.monotonic(), False, False
        listener = engine.store.database.listen(QUEUE_TOPIC)
        while not self.ending.is_set():
            try:
                if due := time.monotonic() - looked > RECOVER:  # also while there is enough to do
                    looked = time.monotonic()
                    for run in recover(engine.store):
                        tell("recovered", run=run)
                    away = False
                carried = (due or carried or listener.rung()) and await self._claim(engine, likely=carried)
                if carried:
                    worked = time.monotonic()
                    continue
                if due and self.config.until_empty and is_empty(engine.store):
                    return
            except StoreFailed as error:  # its server is gone, its disk is full: it is waited for
                if not away:
                    tell("away", message=error.message)
                away = True
            if time.monotonic() - worked > IDLE:
                worked = float("inf")
                await engine.models.unload()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), listener.pause)

    async def _claim(self, engine: Engine, *, likely: bool) -> bool:
        """Carries the next run, if there is one."""
        config, started = self.config, time.perf_counter()
        claimed = claim(engine.store, graphs=config.graphs, models=config.models, lease=config.lease, likely=likely)
        if claimed:
            await self._carry(engine, claimed, time.perf_counter() - started)
        return claimed is not None

    async def _carry(self, engine: Engine, claimed: ClaimedRun, seconds: float) -> None:
        run = claimed.run
        waited = time.time() - run.queued
        tell("claimed", run=run.id, graph=run.graph, attempt=run.attempts, fence=claimed.lease.fence, pid=os.getpid(),
             waited=round(waited, 3), claim_ms=round(seconds * 1000, 2))  # fmt: skip
        path = live_path(engine.project.state, run.id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.live = LiveText(path)
        drain = asyncio.create_task(self._drain(engine))
        try:
            outcome = await engine.carry(claimed)
            tell("ended", run=run.id, status=outcome.status, message=outcome.message, seconds=round(outcome.seconds, 3))
        except LeaseLost as error:
            tell("lost", run=run.id, message=error.message)
        except AgentflowError as error:
            tell("failed", run=run.id, message=error.message)
        except Exception as error:  # noqa: BLE001 - a bug in one run must not end the others; the store has its reason
            tell("failed", run=run.id, message=f"{type(error).__name__}: {error}")
        finally:
            drain.cancel()
            self.live.remove()
            self.live = None

    async def _drain(self, engine: Engine) -> None:
        """When the worker is to end, the run may still end by itself for a while; then it is given back."""
        await self.ending.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.hurry.wait(), self.config.grace)
        while True:
            for execution in list(engine.running.values()):
                execution.stop(GIVE_BACK)
            await asyncio.sleep(0.1)

    def _sink(self, event: Event) -> None:
        if self.live:
            self.live(event)

    def signalled(self) -> None:
        (self.hurry if self.ending.is_set() else self.ending).set()

    async def tick(self) -> None:
        while True:
            self.ticked = time.monotonic()
            await asyncio.sleep(min(0.5, self.config.lease / 4))

    def watch(self) -> None:
        """A thread: a graph that blocks the loop for longer than the lease has lost its run; the slot starts again. Twice
        in a row, since a process that was stopped finds the clock far ahead when it wakes."""
        late = 0
        while True:
            time.sleep(1.0)
            late = late + 1 if time.monotonic() - self.ticked > self.config.lease else 0
            if late > 1:
                tell("hung", seconds=round(time.monotonic() - self.ticked, 1))
                os._exit(HUNG)


def tell(what: str, **facts: Any) -> None:
    """Whoever started it may be gone; the work is not worth less for that."""
    short = {name: fact[:MOST_TOLD] if isinstance(fact, str) else fact for name, fact in facts.items()}
    with contextlib.suppress(OSError, ValueError):
        os.write(heard, (json.dumps({"said": what, **short}, default=str) + "\n").encode())


async def main(config: WorkerConfig) -> None:
    if config.parent:
        die_with(config.parent)
    slot = Slot(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, slot.signalled)
    threading.Thread(target=slot.watch, name="watch", daemon=True).start()
    ticking = asyncio.create_task(slot.tick())
    try:
        await slot.serve()
    finally:
        ticking.cancel()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    heard = os.dup(1)
    os.dup2(2, 1)
    try:
        asyncio.run(main(WorkerConfig.model_validate_json(sys.argv[1])))
    except StoreFailed as error:
        tell("away", message=error.message)
        sys.exit(error.exit_code)
    except AgentflowError as error:
        tell("broken", message=error.message, hint=error.hint)
        sys.exit(error.exit_code)
