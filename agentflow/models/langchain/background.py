"""One event loop in a thread for callers without one: synchronous code that asks a model."""

import asyncio
import atexit
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.pool import Models

Value = TypeVar("Value")
END = object()


class Background:
    """Connections belong to an event loop, so all synchronous calls of a process share this one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.pools: dict[Path | None, Models] = {}
        self.thread = threading.Thread(target=self.loop.run_forever, name="agentflow-models", daemon=True)
        self.thread.start()
        atexit.register(self.close)

    def pool(self, project: Path | None) -> Models:
        """The pool of a project's models; it lives until the process ends."""
        from agentflow.project import Project

        if project not in self.pools:
            opened = Project.open(project)
            self.pools[project] = Models(load_catalog(opened.models_files()), opened.state)
        return self.pools[project]

    def run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self.submit(work).result()

    def submit(self, work: Coroutine[Any, Any, Value]) -> "Future[Value]":
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def iterate(self, items: AsyncIterator[Value]) -> Iterator[Value]:
        """An asynchronous iterator as a synchronous one; leaving it early cancels the work."""
        queue: SimpleQueue[Any] = SimpleQueue()

        async def fill() -> None:
            try:
                async for item in items:
                    queue.put(item)
            finally:
                queue.put(END)

        task = self.submit(fill())
        try:
            while (item := queue.get()) is not END:
                yield item
            task.result()
        finally:
            task.cancel()

    def close(self) -> None:
        for pool in self.pools.values():
            self.run(pool.close())
        self.pools.clear()


@cache
def background() -> Background:
    return Background()
