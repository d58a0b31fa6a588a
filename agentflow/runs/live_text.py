"""The pieces of text that a model streams, in a file beside the database: the feed leaves them out, the journal keeps the
whole answer, and whoever watches wants to see them come."""

import json
import time
from pathlib import Path

from agentflow.events import Event, ModelText, from_json

STALE = 0.05  # seconds that streamed text is held back
MOST = 1_000_000  # bytes read at a time


def live_path(state: Path, run: str) -> Path:
    """Under the project's folder of state."""
    return state / "live" / f"{run}.live"


class LiveText:
    """A sink: writes the pieces of one run, while it is carried."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[str] = []
        self.written = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, ModelText):
            self.waiting.append(json.dumps(event.to_json()) + "\n")
        if self.waiting and (not isinstance(event, ModelText) or time.monotonic() - self.written > STALE):
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(self.waiting)
            self.waiting, self.written = [], time.monotonic()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def read_live(path: Path, start: int) -> tuple[list[Event], int]:
    """The pieces from byte `start` on, whole lines only, and where to go on; none when nothing streams."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(MOST)
    except FileNotFoundError:
        return [], start
    whole = data[: data.rfind(b"\n") + 1]
    return [from_json(json.loads(item)) for item in whole.splitlines()], start + len(whole)
