"""Reads requests and publishes events, until it is told to end; one process of a project at a time, others stand by."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from agentflow.api.service import Service
from agentflow.broker.connection import BrokerConnection, adapter_of
from agentflow.broker.errors import BrokerFailed
from agentflow.broker.inbox import Inbox, Tell
from agentflow.broker.lease import LEASE, BrokerLease, take
from agentflow.broker.migrations import MIGRATIONS
from agentflow.broker.outbox import Outbox
from agentflow.broker.settings import BrokerSettings
from agentflow.engine import Engine
from agentflow.errors import StoreFailed
from agentflow.project import Project
from agentflow.runs.errors import LeaseLost
from agentflow.runs.store import RunStore

GRACE = 3.0  # seconds for what is under way when the work is to end
LOOK = 0.25  # seconds between looks for something to publish
AGAIN = 1.0  # seconds until a request that there is no room for is tried again
STANDBY = 1.0  # seconds between looks whether another process still works
FIRST_PAUSE = 0.5  # seconds until a broker that is away is tried again; each pause is twice the last
LONGEST_PAUSE = 10.0

Step = Callable[[BrokerConnection], Awaitable[None]]


class Relay:
    """`tell` hears a dict with `said` (ready, standby, away, taken, waits, rejected, published, lost) and its facts. With
    `until_empty` it ends when no request waits and nothing is left to publish. Raises AgentflowError for a URL of no broker."""

    def __init__(
        self, project: Project, settings: BrokerSettings, tell: Tell, *, lease: float = LEASE, until_empty: bool = False
    ) -> None:
        adapter_of(settings.url)
        self.project = project
        self.settings = settings
        self.tell = tell
        self.seconds = lease
        self.until_empty = until_empty
        self.ending = asyncio.Event()
        self.over = asyncio.Event()  # of the work under the present lease
        self.busy: set[str] = set()

    def stop(self) -> None:
        self.ending.set()
        self.over.set()

    async def run(self) -> None:
        """Until `stop`. Raises AgentflowError when the project cannot be used."""
        store = RunStore(self.project.store)
        try:
            store.database.migrate("broker", MIGRATIONS)
            while lease := await self._lease(store):
                try:
                    return await self._work(store, lease)
                except LeaseLost as error:
                    self.tell({"said": "lost", "message": error.message})
                finally:
                    with suppress(StoreFailed):
                        lease.release()
        finally:
            store.close()

    async def _lease(self, store: RunStore) -> BrokerLease | None:
        """Once it is free; None when told to end before."""
        told: dict[str, Any] = {}
        while not self.ending.is_set():
            try:
                if lease := await asyncio.to_thread(take, store, self.seconds):
                    return lease
                now = {"said": "standby"}
            except StoreFailed as error:
                now = {"said": "away", "message": error.message}
            if now != told:
                self.tell(now)
            told = now
            await _wait(self.ending, STANDBY)
        return None

    async def _work(self, store: RunStore, lease: BrokerLease) -> None:
        """Raises LeaseLost."""
        if not self.ending.is_set():
            self.over.clear()
        parts = [asyncio.create_task(self._beat(lease))]
        if self.settings.requests:
            parts.append(asyncio.create_task(self._read(self.settings.requests)))
        if self.settings.events:
            parts.append(asyncio.create_task(self._publish(self.settings.events, store, lease)))
        over = asyncio.create_task(self.over.wait())
        await asyncio.wait([over, *parts], return_when=asyncio.FIRST_COMPLETED)
        self.over.set()
        await asyncio.wait(parts, timeout=GRACE)
        for part in parts:
            part.cancel()
        await asyncio.wait([over, *parts])
        for part in parts:
            if not part.cancelled():
                part.result()

    async def _beat(self, lease: BrokerLease) -> None:
        """Also ends the work when the store was away for so long that another may have taken over."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while not self.over.is_set():
            try:
                await asyncio.to_thread(lease.beat)
                last = loop.time()
            except StoreFailed as error:
                if loop.time() - last > lease.seconds:
                    raise LeaseLost(error.message, error.hint) from error
            await _wait(self.over, lease.seconds / 4)

    async def _read(self, stream: str) -> None:
        async with Engine(self.project) as engine:
            inbox = Inbox(Service(engine), self.settings.caller, self.tell)

            async def step(requests: BrokerConnection) -> None:
                message = await requests.next()
                self._is("reading", busy=message is not None)
                if message is None:
                    return
                while not await inbox.take(bytes(message.body or b"")):
                    await _wait(self.over, AGAIN)
                    if self.over.is_set():
                        return  # the broker hands it out again
                self._is("publishing", busy=self.settings.events is not None)
                await requests.taken(message)

            with engine.store.database.lasting():  # a request that was acknowledged outlives a power cut
                await self._connected(stream, step, read=True)

    async def _publish(self, stream: str, store: RunStore, lease: BrokerLease) -> None:
        outbox = Outbox(store, lease, self.settings.kinds, self.over)

        async def step(events: BrokerConnection) -> None:
            items = await outbox.turn(events)
            self._is("publishing", busy=bool(items))
            if not items:
                await _wait(self.over, LOOK)
            elif count := sum(item.body is not None for item in items):
                self.tell({"said": "published", "messages": count})

        await self._connected(stream, step, read=False)

    def _is(self, part: str, *, busy: bool) -> None:
        (self.busy.add if busy else self.busy.discard)(part)
        if self.until_empty and not self.busy:
            self.over.set()

    async def _connected(self, stream: str, step: Step, *, read: bool) -> None:
        """One step after the other, on a new connection whenever the broker or the store was away."""
        self.busy.add("reading" if read else "publishing")
        trouble: str | None = None  # what was told last; empty when all is well
        pause = FIRST_PAUSE
        while not self.over.is_set():
            try:
                async with BrokerConnection.open(self.settings.url, stream, read=read) as connection:
                    while not self.over.is_set():
                        await step(connection)
                        if trouble != "":
                            trouble, pause = "", FIRST_PAUSE
                            self.tell({"said": "ready", "stream": stream, "read": read})
            except (BrokerFailed, StoreFailed) as error:
                if error.message != trouble:
                    self.tell({"said": "away", "stream": stream, "message": error.message})
                trouble = error.message
                await _wait(self.over, pause)
                pause = min(2 * pause, LONGEST_PAUSE)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Until it is set, at most so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
