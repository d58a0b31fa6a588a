"""Publishes what is due: the events of runs, and requests that were rejected.

What was published is noted after the broker has acknowledged it. A process that ends in between publishes the same again, with
the same `id`; nothing is left out.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from agentflow.broker.connection import BrokerConnection
from agentflow.broker.errors import TooLarge
from agentflow.broker.items import Item, ItemSource
from agentflow.broker.lease import BrokerLease
from agentflow.broker.rejected import RejectedRequests
from agentflow.broker.run_events import RunEvents
from agentflow.runs.store import RunStore

NAMED = ("id", "kind", "run", "seq", "at")  # what is told of an event that is too large for the broker


class Outbox:
    """`over` stops a turn between two messages."""

    def __init__(self, store: RunStore, lease: BrokerLease, kinds: Sequence[str], over: asyncio.Event) -> None:
        self.store = store
        self.lease = lease
        self.over = over
        self.sources: list[ItemSource] = [RunEvents(store, kinds), RejectedRequests(store)]

    async def turn(self, stream: BrokerConnection) -> list[Item]:
        """Publishes some of what is due and notes it. Raises LeaseLost, and BrokerFailed with what was published noted."""
        done: list[Item] = []
        for source in self.sources:
            with self.store.database.explained():
                items = await asyncio.to_thread(source.due)
            if not items:
                continue
            await asyncio.to_thread(self.lease.beat)
            sent: list[Item] = []
            try:
                for item in items:
                    if self.over.is_set():
                        break
                    await _publish(stream, item)
                    sent.append(item)
            finally:
                await asyncio.to_thread(self._note, source, sent)
            done += sent
        return done

    def _note(self, source: ItemSource, items: Sequence[Item]) -> None:
        if items:
            with self.store.write():
                self.lease.check()
                source.note(items)


async def _publish(stream: BrokerConnection, item: Item) -> None:
    if item.body is None:
        return
    body = {"id": item.id, **item.body}
    try:
        await stream.publish(_json(body), key=item.key, id=item.id)
    except TooLarge:
        small = {name: value for name, value in body.items() if name in NAMED}
        await stream.publish(_json({**small, "left_out": len(_json(body))}), key=item.key, id=item.id)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
