"""What happens to a run, for whoever watches it from another process: the terminal UI, `runs watch`, the HTTP API."""

from pathlib import Path
from typing import NamedTuple

from agentflow.events import Event
from agentflow.runs.event_log import Entry, read
from agentflow.runs.leases import state_of
from agentflow.runs.live_text import LiveReader, live_path
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus


class News(NamedTuple):
    """`entries` of the feed, then streamed `text`; `state` as state_of, None for a run that is not registered yet."""

    entries: list[Entry]
    text: list[Event]
    state: RunStatus | None


class Follower:
    """Remembers what was seen; `after` is the number of the last entry."""

    def __init__(self, store: RunStore, state: Path, run: str, *, after: int = 0) -> None:
        self.store = store
        self.run = run
        self.after = after
        self.live = LiveReader(live_path(state, run))
        self.listener = store.database.listen(run)
        self.state: RunStatus | None = None

    def news(self) -> News:
        """What came since the last look. Nothing is written after the end, so a state that is read first is safe."""
        entries: list[Entry] = []
        if self.listener.rung():
            self.state = state_of(self.store.load(self.run)) if self.store.exists(self.run) else None
            entries = list(read(self.store, self.run, after=self.after))
        if entries:
            self.after = entries[-1].seq
        return News(entries, self.live.news(), self.state)
