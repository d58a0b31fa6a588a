"""The answers of a batch as they come, so that a batch which is cut off asks only for the rest.

A batch is one call of the journal. Until it is whole, each of its answers is a row of its own (kind `part`), committed as
it comes; the whole call takes their place.
"""

import time
from typing import Any

from agentflow.runs.blobs import compact, digest
from agentflow.runs.calls import drop, insert, key_of, load, squeeze
from agentflow.runs.event_log import Feed


class AnswerBatch:
    """`request` is the batch's own, as it is journaled; parts are found by it and by their place."""

    def __init__(self, feed: Feed, step: str, name: str, request: dict[str, Any]) -> None:
        self.feed = feed
        self.store = feed.lease.store
        self.run = feed.lease.run
        self.step = step
        self.name = name
        self.hashed = digest("part", name, compact(request)).hex()
        self.stored: list[str] = []

    def kept(self, count: int) -> dict[int, dict[str, Any]]:
        """What an earlier process was answered, by place."""
        found = {}
        for place in range(count):
            part = load(self.store, self._key(place))
            if part is not None and part.result is not None:
                found[place] = part.result
                self.stored.append(self._key(place))
        return found

    def keep(self, place: int, answer: dict[str, Any]) -> None:
        key = self._key(place)
        row = {"key": key, "run": self.run, "step": self.step, "nth": place, "kind": "part",
               "name": self.name, "once": 0, "request": squeeze("{}"), "state": "done",
               "result": squeeze(compact(answer)), "events": None, "started": time.time(), "seconds": None}  # fmt: skip
        with self.feed.write():
            insert(self.store, row)
        self.stored.append(key)

    def close(self) -> None:
        """The whole call is recorded: its parts go."""
        if self.stored:
            self.feed.hold(lambda: drop(self.store, self.run, self.stored))

    def _key(self, place: int) -> str:
        return key_of(self.run, self.step, self.hashed, place)
