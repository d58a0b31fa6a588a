"""The pieces of text that a model streams, in a file beside the database: the feed leaves them out, the journal keeps the
whole answer, and whoever watches wants to see them come."""

import json
import secrets
import time
from pathlib import Path

from agentflow.events import Event, ModelText, from_json

STALE = 0.05  # seconds that streamed text is held back
MOST = 1_000_000  # bytes read at a time
MARK = 16  # bytes


def live_path(state: Path, run: str) -> Path:
    """Under the project's folder of state."""
    return state / "live" / f"{run}.live"


class LiveText:
    """A sink: writes the pieces of one run, while it is carried, behind a mark of this stretch of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[str] = []
        self.written = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, ModelText):
            self.waiting.append(json.dumps(event.to_json()) + "\n")
        if self.waiting and (not isinstance(event, ModelText) or time.monotonic() - self.written > STALE):
            with self.path.open("a" if self.written else "w", encoding="utf-8") as file:
                file.writelines(self.waiting if self.written else [f"{secrets.token_hex(MARK // 2)}\n", *self.waiting])
            self.waiting, self.written = [], time.monotonic()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


class LiveReader:
    """Reads what comes, whole lines only; from the start where the run is carried anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark = b""
        self.read = 0

    def news(self) -> list[Event]:
        """The pieces since the last look; none when nothing streams."""
        try:
            with self.path.open("rb") as file:
                if (mark := file.read(MARK + 1)) != self.mark:
                    self.mark, self.read = mark, len(mark)
                file.seek(self.read)
                data = file.read(MOST)
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self.read += len(whole)
        return [from_json(json.loads(item)) for item in whole.splitlines()]
