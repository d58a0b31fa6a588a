"""A run's events on their way out: those of a call that is being made are kept with it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from agentflow.events import Event, ModelText, Note, Sink, from_json

_CALL: ContextVar[list[Event] | None] = ContextVar("events of the innermost call", default=None)


class EventCapture:
    """Owned by the run's journal. `notes` holds by step what was degraded or left out, until the step takes it."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.notes: dict[str, list[str]] = {}

    def send(self, event: Event) -> None:
        """An event of a node; streamed text is not kept, the answer holds it whole."""
        if (captured := _CALL.get()) is not None and not isinstance(event, ModelText):
            captured.append(event)
        self._tell(event)

    @contextmanager
    def capture(self) -> Iterator[list[Event]]:
        """What is sent while entered, but for what belongs to a call inside."""
        captured: list[Event] = []
        token = _CALL.set(captured)
        try:
            yield captured
        finally:
            _CALL.reset(token)

    def replay(self, stored: Iterable[dict[str, Any]]) -> None:
        """Tells again what happened in a recorded call, as happening now."""
        for data in stored:
            self._tell(replace(from_json(data), at=time.time()))

    def _tell(self, event: Event) -> None:
        self.sink(event)
        if isinstance(event, Note):
            self.notes.setdefault(event.step, []).append(event.text)
