"""Ctrl-C and SIGTERM: what runs is paused with its state kept, and the way back is printed."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from agentflow.errors import AgentflowError

PATIENCE = 4.0  # seconds for an orderly end; what is done is on disk already


class Stoppable(Protocol):
    """What owns runs: an Engine. `running` are their ids."""

    running: dict[str, Any]

    def interrupt(self, number: int) -> None:
        """Pauses every run, with its state kept."""


class Stopped(AgentflowError):
    """Exit code 128 + the signal's number."""

    def __init__(self, number: int, runs: list[str]) -> None:
        name = signal.Signals(number).name
        held = f"run {', '.join(runs)} is paused" if runs else "what is done is kept"
        hint = "; ".join(f"go on with: agentflow resume {run}" for run in runs) or "run the same command again"
        super().__init__(f"stopped by {name}: {held}", hint)
        self.exit_code = 128 + number


@asynccontextmanager
async def stoppable(engine: Stoppable) -> AsyncIterator[None]:
    """While entered, a signal pauses the engine's runs (or ends an ingest) and leaves as Stopped.

    An end that takes longer than PATIENCE is cut short: every step and call that was finished is stored.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    caught: list[int] = []
    paused: list[str] = []

    def stop(number: int) -> None:
        if caught:
            os._exit(128 + number)
        caught.append(number)
        paused.extend(engine.running)
        engine.interrupt(number)
        if not paused and task:
            task.cancel()
        timer = threading.Timer(PATIENCE, cut_short, [number])  # a thread: the loop itself may hang
        timer.daemon = True
        timer.start()

    def cut_short(number: int) -> None:
        print(f"error: {Stopped(number, paused).message}\nhint: {Stopped(number, paused).hint}", file=sys.stderr)
        sys.stderr.flush()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    except asyncio.CancelledError:
        if not caught:
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    if caught:
        raise Stopped(caught[0], paused)
