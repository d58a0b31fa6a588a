"""A project of tiny runs beside a broker, and its relay: in this process, or as a child that a test kills."""

import asyncio
import json
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agentflow.broker.relay import Relay
from agentflow.broker.settings import BrokerSettings
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.queue import claim
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from tests.broker.servers import Server
from tests.crash.harness import fork
from tests.postgres import place_of

Told = list[dict[str, Any]]


def settings_of(server: Server, **more: Any) -> BrokerSettings:
    return BrokerSettings(url=server.url, **{"graphs": ["tiny"], **more})


def request(id: str, **more: Any) -> bytes:
    return json.dumps({"id": id, "graph": "tiny", "inputs": {"topic": id, "marks": 1, "seconds": 0}, **more}).encode()


def relay_of(root: Path, server: Server, told: Told, *, lease: float = 15.0, **settings: Any) -> Relay:
    return Relay(Project(root), settings_of(server, **settings), told.append, lease=lease)


@asynccontextmanager
async def working(root: Path, server: Server, *, lease: float = 15.0, **settings: Any) -> AsyncIterator[Told]:
    """A relay beside the test; what it tells."""
    told: Told = []
    relay = relay_of(root, server, told, lease=lease, **settings)
    task = asyncio.create_task(relay.run())
    try:
        yield told
    finally:
        relay.stop()
        await task


def forked(root: Path, server: Server, before: Callable[[], None] = lambda: None, **settings: Any) -> int:
    """A relay as a child process; `before` is done first in it. What it tells lies in `relay-PID.jsonl`."""
    pid = fork()
    if pid:
        return pid
    try:
        before()
        relay = relay_of(root, server, [], **settings)
        log = (root / f"relay-{os.getpid()}.jsonl").open("a", buffering=1)
        relay.tell = lambda facts: print(json.dumps(facts), file=log)
        asyncio.run(relay.run())
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the child must not return into the parent's tests
        (root / f"error-{os.getpid()}.txt").write_text(traceback.format_exc())
        os._exit(4)


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 100.0) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not await true():
        assert asyncio.get_running_loop().time() < end, "it took too long"
        await asyncio.sleep(0.02)


async def heard(told: Told, what: str, count: int = 1) -> None:
    async def there() -> bool:
        return len([each for each in told if each["said"] == what]) >= count

    await until(there)


async def answered(server: Server, *ids: str) -> list[dict[str, Any]]:
    """All events, once the last state of each of these runs is published."""

    async def there() -> bool:
        events = await server.read()
        return all(states(events, id)[-1:] == ["answered"] for id in ids)

    await until(there)
    return await server.read()


async def carry(root: Path) -> None:
    """Every run of the queue to its end, as a worker does."""
    async with Engine(Project(root)) as engine:
        while claimed := claim(engine.store):
            await engine.carry(claimed)


def runs(root: Path) -> list[Run]:
    store = RunStore(place_of(root))
    try:
        return store.list(limit=10_000)
    finally:
        store.close()


def log_of(root: Path, run: str) -> list[str]:
    """The ids of a run's stored events, in their order."""
    store = RunStore(place_of(root))
    try:
        rows = store.database.execute("SELECT seq FROM events WHERE run = ? ORDER BY seq", [run]).fetchall()
    finally:
        store.close()
    return [f"{run}:{seq}" for (seq,) in rows]


def first_seen(events: Sequence[dict[str, Any]], run: str) -> list[str]:
    """The ids of a run's published events, each where it came first; states aside."""
    return list(dict.fromkeys(each["id"] for each in events if each.get("run") == run and each["kind"] != "State"))


def states(events: Sequence[dict[str, Any]], run: str) -> list[str]:
    return [each["state"] for each in events if each["kind"] == "State" and each["run"] == run]
