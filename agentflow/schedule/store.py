"""The schedules of a project, in its database: what is run, when it is due next, which run it is at, what was told."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Self

from agentflow.errors import AgentflowError
from agentflow.storage.place import Place, open_place
from agentflow.storage.sql import SqlDatabase

JSON = ("inputs", "docs", "models", "limits", "told")


def m001_schedules(db: SqlDatabase) -> None:
    """`active` is the run that was begun and has not been told of; `last` the one that the next is compared with."""
    db.execute(
        """CREATE TABLE schedules (
            id TEXT PRIMARY KEY, graph TEXT NOT NULL, inputs TEXT NOT NULL, docs TEXT NOT NULL, models TEXT NOT NULL,
            limits TEXT NOT NULL, told TEXT NOT NULL, kind TEXT NOT NULL, spec TEXT NOT NULL, zone TEXT NOT NULL,
            created REAL NOT NULL, due REAL, started REAL NOT NULL DEFAULT 0, active TEXT NOT NULL DEFAULT '',
            last TEXT NOT NULL DEFAULT '', seen TEXT NOT NULL DEFAULT '')"""
    )
    db.execute(
        """CREATE TABLE schedule_news (
            run TEXT PRIMARY KEY, schedule TEXT NOT NULL, at REAL NOT NULL, news TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0)"""
    )


MIGRATIONS = [m001_schedules]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`kind`: every, cron or change. `told` says where news go: file, command, webhook. `due` is None while it waits for
    a change; `seen` is the state of its files at its last run."""

    id: str
    graph: str
    inputs: dict[str, Any]
    docs: list[str]
    models: dict[str, str]
    limits: dict[str, float]
    told: dict[str, str]
    kind: str
    spec: str
    zone: str
    created: float
    due: float | None
    started: float = 0.0
    active: str = ""
    last: str = ""
    seen: str = ""

    @property
    def title(self) -> str:
        return str(self.inputs.get("question") or self.graph)

    @property
    def when(self) -> str:
        return {"every": f"every {self.spec}", "cron": f"cron {self.spec}"}.get(self.kind, "on change")


@dataclass(frozen=True, slots=True)
class Told:
    """One run's news; `told` is false until every receiver has it."""

    run: str
    schedule: str
    at: float
    news: dict[str, Any] = field(default_factory=dict)
    told: bool = False


class ScheduleStore:
    """A context manager."""

    def __init__(self, place: Place) -> None:
        self.database = open_place(place)
        self.database.migrate("schedule", MIGRATIONS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def add(self, **values: Any) -> Schedule:
        """Fields of Schedule without its id."""
        id = secrets.token_hex(2)
        while self._rows("WHERE id = ?", [id]):
            id = secrets.token_hex(3)
        row = {"id": id, **{name: json.dumps(value) if name in JSON else value for name, value in values.items()}}
        with self.database.transaction():
            self.database.execute(
                f"INSERT INTO schedules ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", [*row.values()]
            )
        return self.find(id)

    def all(self) -> list[Schedule]:
        return self._rows("ORDER BY created", [])

    def find(self, id: str) -> Schedule:
        """By its id or an unambiguous start of it. Raises AgentflowError."""
        found = self._rows("WHERE substr(id, 1, length(?)) = ?", [id, id])
        if len(found) != 1:
            known = ", ".join(item.id for item in self.all()) or "none"
            raise AgentflowError(f"no schedule '{id}'; known: {known}", "see `agentflow schedule list`")
        return found[0]

    def remove(self, id: str) -> None:
        """Its runs stay."""
        with self.database.transaction():
            self.database.execute("DELETE FROM schedules WHERE id = ?", [id])
            self.database.execute("DELETE FROM schedule_news WHERE schedule = ?", [id])

    def update(self, id: str, **values: Any) -> None:
        with self.database.transaction():
            self._set(id, values)

    def finish(self, schedule: Schedule, at: float, news: dict[str, Any] | None, *, last: str, seen: str) -> None:
        """The active run has ended: its news are kept before anybody is told, in the same transaction."""
        with self.database.transaction():
            if news is not None:
                self.database.execute(
                    "INSERT INTO schedule_news (run, schedule, at, news) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [schedule.active, schedule.id, at, json.dumps(news)],
                )
            self._set(schedule.id, {"active": "", "last": last, "seen": seen})

    def news(self, id: str = "", *, untold: bool = False) -> list[Told]:
        """The oldest first."""
        rows = self.database.execute(
            "SELECT run, schedule, at, news, told FROM schedule_news WHERE ? IN ('', schedule) AND (told = 0 OR ?) ORDER BY at, run",
            [id, not untold],
        ).fetchall()
        return [Told(run, schedule, at, json.loads(news), bool(told)) for run, schedule, at, news, told in rows]

    def mark_notified(self, run: str) -> None:
        self.database.execute("UPDATE schedule_news SET told = 1 WHERE run = ?", [run])

    def _set(self, id: str, values: dict[str, Any]) -> None:
        """Does nothing for one that was removed meanwhile."""
        columns = ", ".join(f"{name} = ?" for name in values)
        self.database.execute(f"UPDATE schedules SET {columns} WHERE id = ?", [*values.values(), id])

    def _rows(self, where: str, values: Iterable[Any]) -> list[Schedule]:
        names = [item.name for item in fields(Schedule)]
        rows = self.database.execute(f"SELECT {', '.join(names)} FROM schedules {where}", list(values)).fetchall()
        return [
            Schedule(
                **{name: json.loads(value) if name in JSON else value for name, value in zip(names, row, strict=True)}
            )
            for row in rows
        ]
