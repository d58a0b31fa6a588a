"""Which runs there are, what they were given, how they ended: the registry that a missing checkpoint is held against."""

import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from threading import RLock
from typing import Any, NamedTuple

from agentflow.errors import AgentflowError
from agentflow.runs.blobs import Blobs, compact, digest
from agentflow.runs.errors import Damaged
from agentflow.runs.migrations import MIGRATIONS
from agentflow.runs.run import NAME, Run
from agentflow.status import FINISHED, GOES_ON, RunStatus
from agentflow.storage.place import Place, open_place
from agentflow.telemetry.traceparent import current

GIVEN = ("id", "graph", "source", "sha256", "inputs", "models", "limits", "parent", "forked_at", "created")
RESULT = ("status", "message", "output", "question", "ended")
LIVE = ("spent", "checkpoints", "calls", "pruned", "asked", "fence", "owner", "beat", "scope")
QUEUE = (
    "priority",
    "not_before",
    "queued",
    "attempts",
    "most_attempts",
    "lease",
    "requested_by",
    "reply",
    "sites",
    "trace",
)
COLUMNS = (*GIVEN, *RESULT, *LIVE, *QUEUE)
REALS = ("created", "ended")  # SQLite hands back a whole one as an integer from RETURNING
KEPT = sorted(FINISHED | GOES_ON | {RunStatus.PAUSED})  # of the states, those that are stored
QUEUE_TOPIC = "the queue"
SEALED = ", ".join(f"CAST({name} AS REAL)" if name in REALS else name for name in (*GIVEN, *RESULT))
JSON = ("inputs", "models", "limits", "output", "question", "spent", "owner", "scope", "reply", "sites")


class StoredRun(NamedTuple):
    number: int
    silent: float
    seal: bytes
    values: Sequence[Any]  # of COLUMNS


class RunStore:
    """The runs of one project. Also holds the connection that journal, feed and checkpoints write through."""

    def __init__(self, place: Place, *, create: bool = True) -> None:
        self.database = open_place(place, create=create)
        self.database.migrate("runs", MIGRATIONS)
        self.silent = f"CASE beat WHEN 0 THEN 0.0 ELSE {self.database.now} - beat END"
        self.blobs = Blobs(self.database)
        self.turn = RLock()  # tools run in threads and tell events from there

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction. Raises StoreFailed, naming the database and what to do, when it cannot be written."""
        with self.turn:
            outermost = not self.database.in_transaction
            written: list[str] = []
            with self.database.transaction():
                yield
                if outermost:
                    written = self.blobs.flush()
            self.blobs.committed(written)

    def create(
        self, graph: str, *, source: str, sha256: str, inputs: dict[str, Any], models: dict[str, str],
        limits: dict[str, float], id: str | None = None, parent: str = "", forked_at: str = "",
        scope: dict[str, Any] | list[str] | None = None,
    ) -> Run:  # fmt: skip
        """Registers a run before anything of it is done, in the trace of the request that asks for it. Raises AgentflowError
        for an id that is taken or can be none."""
        if id is not None and (id == "last" or not re.fullmatch(NAME, id)):
            raise AgentflowError(
                f"{id!r} cannot be a run's id",
                "use up to 64 letters, digits, '.', '_' and '-'; 'last' is the newest run",
            )
        given = {
            "graph": graph, "source": source, "sha256": sha256, "inputs": compact(inputs),
            "models": compact(models), "limits": compact(limits), "parent": parent, "forked_at": forked_at,
            "created": time.time(), "scope": compact(scope or {}), "trace": str(current() or ""),
        }  # fmt: skip
        with self.write():
            name = self.free_id() if id is None else id
            added = self.database.execute(
                f"INSERT INTO runs (id, {', '.join(given)}) VALUES (?{', ?' * len(given)})"
                f" ON CONFLICT DO NOTHING RETURNING {SEALED}",
                [name, *given.values()],
            ).fetchone()
            if added is None:
                raise AgentflowError(f"there is already a run {name}", "name another, or resume that one")
            self._seal(added)
        return self.load(name)

    def free_id(self) -> str:
        """An id that no run has. Many are created within one second where runs are queued."""
        while self.exists(id := new_id()):
            pass
        return id

    def load(self, run: str) -> Run:
        """Inside `write` it stays as it is until the end. Raises AgentflowError for an unknown run, Damaged when the row
        does not match its seal."""
        lock = self.database.for_update if self.database.in_transaction else ""
        row = self.row(f"WHERE id = ?{lock}", [run])
        if row is None:
            raise AgentflowError(f"no run {run} in {self.database.name}", "see `agentflow runs list`")
        return self.read(row)

    def row(self, which: str, values: Sequence[Any]) -> StoredRun | None:
        """As it is stored, for `read` and `begin`."""
        found = self.database.execute(
            f"SELECT rowid, {self.silent}, seal, {', '.join(COLUMNS)} FROM runs {which}", values
        ).fetchone()
        return found and StoredRun(found[0], found[1], found[2], found[3:])

    def read(self, row: StoredRun) -> Run:
        """Raises Damaged when it does not match its seal."""
        if row.seal != digest(*row.values[: len(GIVEN) + len(RESULT)]):
            raise Damaged(
                f"the run store's entry of run {row.values[0]} does not match its seal", "see `agentflow runs verify`"
            )
        return _run(row.number, row.silent, row.values)

    def begin(self, row: StoredRun, assignments: str, values: Sequence[Any]) -> None:
        """In the transaction that has read the row: its run is running, and whatever else is assigned, by one statement."""
        result = {"status": RunStatus.RUNNING.value, "message": "", "output": "{}", "ended": None}
        sealed = [result.get(name, value) for name, value in zip((*GIVEN, *RESULT), row.values, strict=False)]
        self.database.execute(
            f"UPDATE runs SET {', '.join(f'{name} = ?' for name in result)}, seal = ?, {assignments} WHERE id = ?",
            [*result.values(), digest(*sealed), *values, row.values[0]],
        )
        self.database.tell(row.values[0])

    def exists(self, run: str) -> bool:
        return self.database.execute("SELECT 1 FROM runs WHERE id = ?", [run]).fetchone() is not None

    def find(self, name: str) -> Run:
        """By whole id, by its unambiguous start or end, or `last`."""
        if name == "last":
            row = self.database.execute("SELECT id FROM runs ORDER BY rowid DESC LIMIT 1").fetchone()
            found = [row] if row else []
        else:
            found = self.database.execute(
                "SELECT id FROM runs"
                " WHERE id = :name OR id LIKE :like || '%' ESCAPE '\\' OR id LIKE '%' || :like ESCAPE '\\'"
                " ORDER BY id = :name DESC, rowid DESC LIMIT 5",
                {"name": name, "like": "".join("\\" + char if char in "%_\\" else char for char in name)},
            ).fetchall()
        if not found:
            raise AgentflowError(f"no run '{name}' in {self.database.name}", "see `agentflow runs list`")
        if len(found) > 1 and found[0][0] != name:
            raise AgentflowError(
                f"'{name}' names several runs: {', '.join(row[0] for row in found)}", "give more of it"
            )
        return self.load(found[0][0])

    def list(self, *, limit: int = 50, status: str = "", graph: str = "", requested_by: str = "") -> list[Run]:
        """The newest first. Raises AgentflowError for a status that no run in the store has."""
        if status and status not in KEPT:
            raise AgentflowError(f"runs have no status '{status}'", f"known: {', '.join(KEPT)}")
        rows = self.database.execute(
            f"SELECT rowid, {self.silent}, {', '.join(COLUMNS)} FROM runs"
            " WHERE :status IN ('', status) AND :graph IN ('', graph) AND :by IN ('', requested_by)"
            " ORDER BY rowid DESC LIMIT :limit",
            {"status": status, "graph": graph, "by": requested_by, "limit": limit},
        ).fetchall()
        return [_run(row[0], row[1], row[2:]) for row in rows]

    def settle(
        self, run: str, status: RunStatus, *, message: str = "", output: dict[str, Any] | None = None,
        question: Sequence[Any] | None = None, spent: dict[str, float] | None = None,
    ) -> None:  # fmt: skip
        """What became of it: ended, paused, queued or running again."""
        with self.write():
            changed = self.database.execute(
                "UPDATE runs SET status = ?, message = ?, output = ?, question = ?, ended = ?,"
                f" asked = CASE ? WHEN 'running' THEN asked ELSE '' END WHERE id = ? RETURNING {SEALED}",
                [
                    status, message.encode("utf-8", "replace").decode(), compact(output or {}), compact(list(question) if question is not None else None),
                    None if status in GOES_ON else time.time(), status, run,
                ],
            ).fetchone()  # fmt: skip
            if spent is not None:
                self.spend(run, spent)
            if changed:
                self._seal(changed)
            self.database.tell(run)
            if status is RunStatus.QUEUED:
                self.database.tell(QUEUE_TOPIC)

    def limit(self, run: str, limits: dict[str, float]) -> Run:
        """Sets limits of the budget; those not named stay."""
        with self.write():
            merged = {**self.load(run).limits, **limits}
            update = f"UPDATE runs SET limits = ? WHERE id = ? RETURNING {SEALED}"
            self._seal(self.database.execute(update, [compact(merged), run]).fetchone())
        return self.load(run)

    def spend(self, run: str, spent: dict[str, float]) -> None:
        self.database.execute("UPDATE runs SET spent = ? WHERE id = ?", [compact(spent), run])

    def ask(self, run: str, what: str) -> None:
        """Leaves a request (`pause` or `cancel`) for the run's owner, who may be another process."""
        self.database.execute("UPDATE runs SET asked = ? WHERE id = ?", [what, run])

    def asked(self, run: str) -> str:
        row = self.database.execute("SELECT asked FROM runs WHERE id = ?", [run]).fetchone()
        return row[0] if row else ""

    def delete(self, run: str) -> None:
        """Everything of a run but the quotes it shares with others."""
        with self.write():
            for table, column in (
                ("runs", "id"), ("calls", "run"), ("events", "run"), ("checkpoints", "thread_id"), ("writes", "thread_id")
            ):  # fmt: skip
                self.database.execute(f"DELETE FROM {table} WHERE {column} = ?", [run])

    def _seal(self, row: Sequence[Any]) -> None:
        """Of SEALED, as it is stored now."""
        self.database.execute("UPDATE runs SET seal = ? WHERE id = ?", [digest(*row), row[0]])


def new_id() -> str:
    """Sorts by time for the eye; the four random characters make it unique and easy to type."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def _run(number: int, silent: float, row: Sequence[Any]) -> Run:
    values = dict(zip(COLUMNS, row, strict=True))
    try:
        values |= {name: json.loads(values[name]) for name in JSON}
    except ValueError as error:
        raise Damaged(
            f"the run store's entry of run {values['id']} is no JSON ({error})", "restore a backup"
        ) from error
    values["status"] = RunStatus(values["status"])
    values |= {"number": number, "silent": silent}
    return Run(**{item.name: values[item.name] for item in fields(Run)})
