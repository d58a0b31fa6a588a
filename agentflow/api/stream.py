"""A run's events as server-sent events. Each that is stored carries its number as `id`: a client that lost the connection
sends the last one as `Last-Event-ID` and misses nothing. Streamed text has no number; it starts again with the stretch."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from agentflow.events import Event
from agentflow.runs.follow import Follower
from agentflow.status import FINISHED, RunStatus

PAUSE = 0.15  # seconds between looks at the store
PING = 15.0  # seconds of silence after which a comment keeps the connection alive


def sse(event: str, data: Any, number: int | None = None) -> bytes:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")


async def events(follower: Follower, *, follow: bool, welcome: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """Until the run has ended, or `welcome` says no. `State` tells the run's state whenever it changes."""
    yield b"retry: 1000\n\n"
    told: RunStatus | None = None
    spoke = time.monotonic()
    while True:
        news = await asyncio.to_thread(follower.news)
        pieces = [_of(entry.event, entry.seq) for entry in news.entries] + [_of(event) for event in news.text]
        if news.state != told:
            told = news.state
            pieces.append(sse("State", {"run": follower.run, "state": told}))
        if pieces:
            yield b"".join(pieces)
            spoke = time.monotonic()
        elif told in FINISHED or not follow or not told:
            return
        if time.monotonic() - spoke > PING:
            yield b": still here\n\n"
            spoke = time.monotonic()
        if not await welcome():
            return
        await asyncio.sleep(PAUSE)


def _of(event: Event, number: int | None = None) -> bytes:
    data = event.to_json()
    return sse(str(data["kind"]), data, number)
