"""Whatever happens to runs, and whenever a relay looks or is killed: each event once or more, in order, and the last state."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentflow.broker.migrations import MIGRATIONS
from agentflow.broker.run_events import RunEvents
from agentflow.cli.store import copy_store
from agentflow.events import Note
from agentflow.runs.event_log import Feed
from agentflow.runs.leases import acquire
from agentflow.runs.queue import Terms, claim, hand_over, put, requeue
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from tests.broker.harness import first_seen, states
from tests.postgres import Server

ENDS = (RunStatus.ANSWERED, RunStatus.PAUSED, RunStatus.FAILED, RunStatus.QUEUED)
DOING = ("create", "claim", "take", "write", "end", "release", "again", "look", "killed")


class World:
    """Runs that are queued, carried and ended step by step, and what a broker holds of them."""

    def __init__(self, folder: Path, kinds: tuple[str, ...] = ()) -> None:
        self.store = RunStore(folder / "runs.db")
        self.store.database.migrate("broker", MIGRATIONS)
        self.kinds = kinds
        self.relay = RunEvents(self.store, kinds)
        self.held: list[Feed] = []
        self.published: list[dict[str, Any]] = []

    def create(self, _: int) -> None:
        with self.store.write():
            run = self.store.create("g", source="", sha256="", inputs={}, models={}, limits={})
            put(self.store, run.id, Terms())

    def claim(self, _: int) -> None:
        if claimed := claim(self.store):
            self.held = [
                feed for feed in self.held if feed.lease.run != claimed.run.id
            ]  # it had ended with its run queued
            self.held.append(Feed(claimed.lease))

    def take(self, number: int) -> None:
        """By hand, as `resume` does: for a moment it is held and not running yet."""
        if run := self._any(lambda run: not run.owner and run.status in ("paused", "failed"), number):
            self.held.append(Feed(acquire(self.store, run.id)))

    def write(self, number: int) -> None:
        if feed := self._feed(number):
            with feed.write():
                if self.store.load(feed.lease.run).status is not RunStatus.RUNNING:
                    self.store.settle(feed.lease.run, RunStatus.RUNNING)
            for word in range(number % 4):
                feed.append(Note(run=feed.lease.run, text=f"{word}"))
            feed.flush()

    def end(self, number: int) -> None:
        """The last events and the state in one transaction; the lease is given back later."""
        if (feed := self._feed(number)) and self.store.load(feed.lease.run).status is RunStatus.RUNNING:
            feed.append(Note(run=feed.lease.run, text="last"))
            status = ENDS[number % len(ENDS)]
            with feed.write():
                self.store.settle(feed.lease.run, status)
                hand_over(self.store, self.store.load(feed.lease.run), status, "", again=False)

    def release(self, number: int) -> None:
        if (feed := self._feed(number)) and self.store.load(feed.lease.run).status is not RunStatus.RUNNING:
            feed.lease.release()
            self.held.remove(feed)

    def again(self, number: int) -> None:
        if run := self._any(lambda run: not run.owner and run.status in ("paused", "failed"), number):
            requeue(self.store, run.id)

    def look(self, _: int) -> int:
        items = self.relay.due()
        self.published += [{"id": item.id, **item.body} for item in items if item.body]
        with self.store.write():
            self.relay.note(items)
        return len(items)

    def killed(self, number: int) -> None:
        """Published some, noted nothing; its successor knows only what is in the store."""
        items = self.relay.due()
        self.published += [{"id": item.id, **item.body} for item in items[:number] if item.body]
        self.relay = RunEvents(self.store, self.kinds)

    def _feed(self, number: int) -> Feed | None:
        return self.held[number % len(self.held)] if self.held else None

    def _any(self, wanted: Callable[[Any], bool], number: int) -> Any:
        found = [run for run in self.store.list() if wanted(run)]
        return found[number % len(found)] if found else None


# Looked at while it is taken by hand and not running yet, then not again before it rests with the same state.
BETWEEN = [
    (what, 1)
    for what in ("create", "claim", "write", "end", "release", "look", "take", "look", "write", "end", "release")
]
steps = st.lists(st.tuples(st.sampled_from(DOING), st.integers(0, 11)), max_size=60)


@given(steps)
@example(BETWEEN)
@settings(max_examples=60)
def test_everything_is_published_in_order_whatever_happens(doing: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for what, number in doing:
            getattr(world, what)(number)
        while world.look(0):
            pass
        for run in world.store.list():
            rows = world.store.database.execute("SELECT seq FROM events WHERE run = ? ORDER BY seq", [run.id])
            assert first_seen(world.published, run.id) == [f"{run.id}:{seq}" for (seq,) in rows]
            assert states(world.published, run.id)[-1] == run.status
        world.store.close()


def test_long_logs_and_many_runs_are_published_turn_by_turn(tmp_path: Path) -> None:
    world = World(tmp_path)
    for _ in range(120):
        world.create(0)
    world.claim(0)
    world.held[0].lease.check()
    for number in range(250):
        world.held[0].append(Note(run=world.held[0].lease.run, text=f"{number}"))
    world.held[0].flush()
    turns = 0
    while world.look(0):
        turns += 1
    assert turns > 3
    assert len({each["run"] for each in world.published}) == 120
    assert [each["text"] for each in world.published if each["kind"] == "Note"] == [f"{n}" for n in range(250)]
    world.store.close()


def test_only_the_kinds_that_are_asked_for_are_published(tmp_path: Path) -> None:
    world = World(tmp_path, ("State",))
    for what in ("create", "claim", "write", "write", "end", "release"):
        getattr(world, what)(3)
        world.look(0)
    assert {each["kind"] for each in world.published} == {"State"}
    assert world.look(0) == 0
    world.store.close()


@pytest.mark.postgres
def test_what_was_published_stays_so_when_the_runs_move(tmp_path: Path, postgres: Server) -> None:
    world, url = World(tmp_path), postgres.url()
    for what in ("create", "claim", "write", "end", "release"):
        getattr(world, what)(3)
    while world.look(0):
        pass
    world.create(0)
    world.store.close()
    copy_store(tmp_path / "runs.db", url)
    with closing(RunStore(url)) as moved:
        items = RunEvents(moved, ()).due()
    assert [item.body["state"] for item in items if item.body] == ["queued"]
