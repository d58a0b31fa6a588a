"""What every form of answer does: gather choices into a body, or cut them into the events of a stream."""

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from agentflow.serving.api.choice import Choice, Json
from agentflow.serving.engine.request import Finished, TextChunk

FINGERPRINT = f"build-{version('agentflow')}-llama-cpp-{version('llama-cpp-python')}"


class GenerationResponse:
    """Subclasses say what a body and a stream's events look like."""

    def __init__(self, model: str, choices: Sequence[Choice]) -> None:
        self.model = model
        self.choices = choices
        self.created = int(time.time())

    @property
    def done(self) -> bool:
        return all(choice.end for choice in self.choices)

    def body(self) -> Json:
        raise NotImplementedError

    def opening(self) -> Iterator[bytes]:
        """Events before the first token."""
        raise NotImplementedError

    def events(self, index: int, event: TextChunk | Finished) -> Iterator[bytes]:
        """What one event of choice `index` becomes."""
        raise NotImplementedError

    def closing(self) -> Iterator[bytes]:
        """Events after the last choice has ended."""
        raise NotImplementedError


def new_id(kind: str) -> str:
    return f"{kind}{uuid.uuid4().hex[:24]}"


def sse(data: Any, event: str = "") -> bytes:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{name}data: {text}\n\n".encode()
