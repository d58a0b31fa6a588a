"""Work on many things at once whose results come in the order of the things."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


async def in_order(
    work: Callable[[Thing], Coroutine[Any, Any, Result]], things: Iterable[Thing], most: int
) -> AsyncIterator[tuple[int, Result]]:
    """Each result with its number, from 0; at most `most` are under way or wait to be taken."""
    waiting: deque[asyncio.Task[Result]] = deque()
    number = 0
    try:
        for thing in things:
            waiting.append(asyncio.create_task(work(thing)))
            if len(waiting) >= most:
                yield number, await waiting.popleft()
                number += 1
        while waiting:
            yield number, await waiting.popleft()
            number += 1
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
