"""A month of schedules on a clock that the test moves: restarts, a dead machine, summer time, a clock that is set wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agentflow.errors import AgentflowError
from agentflow.runs.store import RunStore
from agentflow.schedule.scheduler import JobScheduler
from agentflow.schedule.store import Schedule, ScheduleStore
from agentflow.schedule.telling import tell
from agentflow.schedule.timing import check, due_after
from agentflow.status import RunStatus
from tests.postgres import place_of

pytestmark = pytest.mark.usefixtures("each_database")

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


class World:
    """A database, a clock, and answers by day; each `start` is a new process. `ran` are (schedule, local time)."""

    def __init__(self, root: Path) -> None:
        self.place = place_of(root)
        self.state = root
        self.time = at("2026-03-15 08:00")
        self.ran: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.killed = False
        self.answer = "4 metres"

    def start(self) -> None:
        self.store = ScheduleStore(self.place)
        self.runs = RunStore(self.place)
        self.scheduler = JobScheduler(
            self.store, self.runs, self.perform, state=self.state, say=self.said.append, now=lambda: self.time
        )

    def end(self) -> None:
        self.store.database.close()
        self.runs.close()

    async def perform(self, schedule: Schedule, run: str) -> None:
        if not self.runs.exists(run):
            self.runs.create("research", source="", sha256="", inputs=schedule.inputs, models={}, limits={}, id=run)
            local = datetime.fromtimestamp(self.time, ZoneInfo(schedule.zone))
            self.ran.append((schedule.id, local.strftime("%m-%d %H:%M")))
        if self.killed:
            raise SystemExit  # the process dies in the middle of the run
        claim = {"text": f"The dike is {self.answer} high.", "support": "supported", "evidence": [1]}
        quote = {"id": 1, "quote": claim["text"], "path": "dike.md", "line": 1, "page": None, "part": ""}
        output = {"question": "How high is the dike?", "answer": self.answer, "claims": [claim], "evidence": [quote]}
        self.runs.settle(run, RunStatus.ANSWERED, output=output)

    def add(self, kind: str, spec: str, zone: str = "Europe/Berlin") -> str:
        due = due_after(kind, spec, zone, self.time, self.time) if kind == "cron" else self.time
        values: dict[str, Any] = {
            "graph": "research", "inputs": {"question": "How high is the dike?"}, "docs": [], "models": {}, "limits": {},
            "told": {}, "kind": kind, "spec": spec, "zone": zone, "created": self.time, "due": due,
        }  # fmt: skip
        return self.store.add(**values).id

    async def live(self, until: str, step: float = 600.0) -> None:
        while self.time < at(until):
            await self.scheduler.turn()
            self.time += step


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.start()
    yield made
    made.end()


async def test_a_month(world: World) -> None:
    """15 March to 14 April: summer time begins on the 29th; on the 20th the process is killed in a run, from the 22nd to
    the 25th the machine is off; each due time runs once, the three missed days once together."""
    daily, cron = world.add("every", "1d"), world.add("cron", "30 2 * * *")
    await world.live("2026-03-20 08:00")
    world.killed = True
    with pytest.raises(SystemExit):
        await world.live("2026-03-21 00:00")
    world.end()
    world.killed = False
    world.time += 3600
    world.start()
    await world.live("2026-03-22 00:00")
    world.end()
    world.time = at("2026-03-25 12:00")
    world.start()
    await world.live("2026-04-14 12:00")
    days = [f"{datetime(2026, 3, 15) + timedelta(days=day):%m-%d}" for day in range(31)]
    off = {"03-22", "03-23", "03-24", "03-25"}
    ran = [when for id, when in world.ran if id == daily]
    assert ran == [f"{day} {'12:00' if day == '03-25' else '08:00'}" for day in days if day not in off - {"03-25"}]
    night = [when for id, when in world.ran if id == cron]
    gap = {"03-29": "03:00", "03-25": "12:00"}
    assert night == [f"{day} {gap.get(day, '02:30')}" for day in days[1:] if day not in off - {"03-25"}]
    found = world.runs.list(limit=1000)
    assert len(found) == len(world.ran) and all(run.status == "answered" for run in found)
    assert len(world.said) == 2, "the first answer of each, and nothing that is not new"


async def test_an_id_that_another_run_has_is_not_taken_for_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four random characters do not keep a second's runs apart: each id comes up twice here."""
    ends = (f"{number // 2:04x}" for number in range(1000))
    monkeypatch.setattr("agentflow.runs.store.secrets.token_hex", lambda count: next(ends))
    daily = world.add("every", "1d")
    await world.live("2026-03-20 00:00")
    assert [when for _, when in world.ran] == [f"03-{day} 08:00" for day in range(15, 20)], daily


async def test_summer_time_ends_with_one_run_in_the_repeated_hour(world: World) -> None:
    world.time = at("2026-10-24 02:30")
    daily, cron = world.add("every", "1d"), world.add("cron", "30 2 * * *")
    hourly = world.add("every", "6h")
    await world.live("2026-10-27 00:00")
    assert [when for id, when in world.ran if id == daily] == ["10-24 02:30", "10-25 02:30", "10-26 02:30"]
    assert [when for id, when in world.ran if id == cron] == ["10-25 02:30", "10-26 02:30"]
    assert len([1 for id, _ in world.ran if id == hourly]) == 12, "elapsed hours, 71.5 + 1 of them"


async def test_a_clock_set_far_ahead_and_back_does_not_stop_the_schedule(world: World) -> None:
    daily = world.add("every", "1d")
    await world.live("2026-03-16 09:00")
    right, world.time = world.time, at("2031-01-01 00:00")
    await world.scheduler.turn()
    world.time = right
    await world.live("2026-03-19 09:00")
    assert [when for id, when in world.ran if id == daily] == [
        "03-15 08:00", "03-16 08:00", "01-01 00:00", "03-17 08:00", "03-18 08:00", "03-19 08:00"
    ]  # fmt: skip


async def test_a_clock_set_back_an_hour_repeats_nothing(world: World) -> None:
    world.add("every", "1d")
    await world.live("2026-03-16 08:30")
    world.time -= 3600
    await world.live("2026-03-16 09:00")
    assert [when for _, when in world.ran] == ["03-15 08:00", "03-16 08:00"]


@pytest.mark.parametrize(
    ("kind", "spec", "zone", "told"),
    [("every", "soon", "UTC", "no period"), ("every", "0d", "UTC", "no period"), ("cron", "61 * * * *", "UTC", "no cron"),
     ("cron", "0 0 30 2 *", "UTC", "cron"), ("every", "1d", "Mars/Olympus", "no time zone")],
)  # fmt: skip
def test_wrong_times_are_named(kind: str, spec: str, zone: str, told: str) -> None:
    with pytest.raises(AgentflowError, match=told):
        check(kind, spec, zone)


async def test_a_run_that_ends_in_a_bug_does_not_stop_the_other_schedules(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    buggy, good = world.add("every", "1d"), world.add("every", "1d")
    perform = world.scheduler.perform

    async def failing(schedule: Schedule, run: str) -> None:
        if schedule.id == buggy:
            raise KeyError("total")
        await perform(schedule, run)

    monkeypatch.setattr(world.scheduler, "perform", failing)
    assert await world.scheduler.turn() == 2
    assert [id for id, _ in world.ran] == [good]
    [told] = world.store.news(buggy)
    assert told.news["message"] == "KeyError: 'total'"
    assert await world.scheduler.turn() == 0


def test_a_file_of_news_in_any_encoding_is_added_to(tmp_path: Path) -> None:
    file = tmp_path / "news.txt"
    file.write_bytes("Gr\u00fc\u00dfe".encode("latin-1"))
    tell({"file": str(file)}, "new", {}, (), tmp_path)
    tell({"file": str(file)}, "new", {}, (), tmp_path)
    assert file.read_bytes() == b"new\nGr\xfc\xdfe"
