"""Runs what is due, each due time once, whatever happens in between.

A run is written down before it starts, its news before they are told. So a scheduler that is killed goes on with the run
it was at; what was due while none ran is made up for once.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.runs.run import Run
from agentflow.runs.signals import Stopped
from agentflow.runs.store import RunStore
from agentflow.schedule.files import state_of
from agentflow.schedule.news import news_of
from agentflow.schedule.store import Schedule, ScheduleStore
from agentflow.schedule.telling import tell
from agentflow.schedule.timing import due_after
from agentflow.schedule.wording import worded
from agentflow.status import RunStatus

Perform = Callable[[Schedule, str], Awaitable[None]]  # carries the run of this id to its end, new or begun before
Say = Callable[[str], None]


class JobScheduler:
    """`now` and `perform` can be given, for tests. `hosts` are those that webhooks may reach."""

    def __init__(
        self, store: ScheduleStore, runs: RunStore, perform: Perform, *, state: Path, hosts: tuple[str, ...] = (),
        say: Say = lambda text: None, warn: Say = lambda text: None, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.store = store
        self.runs = runs
        self.perform = perform
        self.state = state
        self.hosts = hosts
        self.say = say
        self.warn = warn
        self.now = now

    async def turn(self) -> int:
        """One look at all schedules; how many ran."""
        self.tell_all()
        ran = 0
        for schedule in self.store.all():
            if schedule.active or self.is_due(schedule):
                await self.go(schedule)
                ran += 1
        self.tell_all()
        return ran

    def is_due(self, schedule: Schedule) -> bool:
        if schedule.kind == "change":
            return self._files(schedule) != schedule.seen
        now, due = self.now(), schedule.due
        first = due_after(schedule.kind, schedule.spec, schedule.zone, schedule.created, now)
        second = due_after(schedule.kind, schedule.spec, schedule.zone, schedule.created, first or now)
        if due is not None and second is not None and due > second:  # planned by a clock that ran far ahead
            self.store.update(schedule.id, due=first)
            return False
        return due is not None and due <= now

    async def go(self, schedule: Schedule) -> None:
        """Begins the run, or goes on with the one that was begun, and keeps its news."""
        seen = self._files(schedule)
        if not schedule.active:
            now = self.now()
            due = due_after(schedule.kind, schedule.spec, schedule.zone, schedule.created, now)
            begun = self.runs.free_id()
            self.store.update(schedule.id, active=begun, started=now, due=due)
            schedule = replace(schedule, active=begun, due=due, started=now)
        try:
            await self.perform(schedule, schedule.active)
        except Stopped:
            raise  # by a signal: the next start goes on with this run
        except AgentflowError as error:
            if not self.runs.exists(schedule.active):  # it could not even begin
                self.failed(schedule, f"{error.message}; {error.hint}", seen)
                return
        except Exception as error:  # noqa: BLE001 - a bug in one run must not end the schedules
            if not self.runs.exists(schedule.active) or not self.runs.load(schedule.active).finished:
                self.failed(schedule, f"{type(error).__name__}: {error}", seen)
                return
        after = self.runs.load(schedule.active)
        if after.status is RunStatus.RUNNING:
            return  # stopped in the middle: the next turn goes on
        news = news_of(self._last(schedule), after)
        usable = after.status.successful
        last = after.id if usable else schedule.last
        self.store.finish(schedule, self.now(), news, last=last, seen=seen)

    def failed(self, schedule: Schedule, message: str, seen: str) -> None:
        told = {"run": schedule.active, "status": "failed", "title": schedule.title, "message": message}
        self.store.finish(schedule, self.now(), told, last=schedule.last, seen=seen)

    def tell_all(self) -> None:
        """What was found and not told yet, the oldest first; what fails is tried again at the next turn."""
        known = {schedule.id: schedule for schedule in self.store.all()}
        for item in self.store.news(untold=True):
            if (schedule := known.get(item.schedule)) is None:
                continue
            text = worded(schedule, item.news, item.at)
            try:
                tell(schedule.told, text, item.news, self.hosts, self.state)
            except AgentflowError as error:
                self.warn(f"{schedule.id}: {error.message}; {error.hint}")
                continue
            self.store.mark_notified(item.run)
            self.say(text)

    def next_due(self) -> float | None:
        """None where nothing waits for a time."""
        return min((item.due for item in self.store.all() if item.due is not None), default=None)

    def _files(self, schedule: Schedule) -> str:
        return state_of([Path(path) for path in schedule.docs], self.state) if schedule.kind == "change" else ""

    def _last(self, schedule: Schedule) -> Run | None:
        return self.runs.load(schedule.last) if schedule.last and self.runs.exists(schedule.last) else None
