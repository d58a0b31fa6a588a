"""What a project knows, beside its runs."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.knowledge.known_claim import KnownClaim
from agentflow.research.report.schema import Quoted
from agentflow.runs.store import RunStore
from agentflow.storage.sql import SqlDatabase

NAMES = [item.name for item in fields(KnownClaim)]


def m001_knowledge(database: SqlDatabase) -> None:
    """`basis` is a run's: see Findings. `claims` are the ids of its claims that were taken in, JSON."""
    database.execute(
        """CREATE TABLE knowledge (
            id TEXT PRIMARY KEY, text TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, run TEXT NOT NULL,
            at REAL NOT NULL, requested_by TEXT NOT NULL, quotes TEXT NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
            note TEXT NOT NULL DEFAULT '', correction TEXT NOT NULL DEFAULT '', said REAL NOT NULL DEFAULT 0,
            retracted TEXT NOT NULL DEFAULT '', by_person INTEGER NOT NULL DEFAULT 0)"""
    )
    database.execute(
        """CREATE TABLE knowledge_runs (
            run TEXT PRIMARY KEY, basis TEXT NOT NULL DEFAULT '', claims TEXT NOT NULL DEFAULT '[]')"""
    )
    database.execute("CREATE INDEX knowledge_runs_basis ON knowledge_runs (basis)")


MIGRATIONS = [m001_knowledge]


class Knowledge:
    """In the database of the runs. Raises StoreFailed when that cannot be read or written."""

    def __init__(self, runs: RunStore) -> None:
        self.runs = runs
        self.database = runs.database
        self.database.migrate("knowledge", MIGRATIONS)

    def all(self) -> list[KnownClaim]:
        """The pinned first, then the newest."""
        return self._rows("ORDER BY pinned DESC, at DESC, id", [])

    def find(self, id: str) -> KnownClaim:
        """By its id or an unambiguous start of it. Raises AgentflowError."""
        found = self._rows("WHERE substr(id, 1, length(?)) = ?", [id, id]) if id else []
        if len(found) != 1:
            what = "names several claims" if found else "is no claim that is known here"
            raise AgentflowError(f"'{id}' {what}", "see `agentflow knowledge list --all`")
        return found[0]

    def load(self, ids: Iterable[str]) -> list[KnownClaim]:
        """Those that are there, in the order asked."""
        wanted = list(ids)
        found = {claim.id: claim for claim in self._rows(f"WHERE id IN ({_marks(wanted)})", wanted)}
        return [found[id] for id in wanted if id in found]

    def unretracted(self, requested_by: str, *, pinned: bool) -> list[KnownClaim]:
        """Those that nobody retracted; whether their documents are what they were is for `faults` to say. `pinned`: they alone."""
        return self._rows("WHERE retracted = '' AND requested_by = ? AND pinned >= ?", [requested_by, int(pinned)])

    def on_question(self, question: str, requested_by: str) -> list[KnownClaim]:
        """The same of claims that answered a question that begins so."""
        where = "WHERE retracted = '' AND requested_by = ? AND substr(question, 1, length(?)) = ?"
        return self._rows(where, [requested_by, question, question])

    def spoken_of(self, requested_by: str) -> list[KnownClaim]:
        """Those of which a person has said something."""
        return self._rows("WHERE said > 0 AND requested_by = ?", [requested_by])

    def of_run(self, run: str) -> list[KnownClaim]:
        """A run's claims in its report's order."""
        row = self.database.execute("SELECT claims FROM knowledge_runs WHERE run = ?", [run]).fetchone()
        return self.load(json.loads(row[0])) if row else []

    def with_basis(self, basis: str) -> list[str]:
        """Runs that answered this question from the same, the newest first."""
        sql = "SELECT run FROM knowledge_runs WHERE basis = ? AND basis != '' ORDER BY rowid DESC"
        return [run for (run,) in self.database.execute(sql, [basis]).fetchall()]

    def unread(self) -> list[str]:
        """Answered runs that were not looked at yet, in the order in which they ended."""
        sql = """SELECT id FROM runs WHERE status = 'answered' AND id NOT IN (SELECT run FROM knowledge_runs)
                 ORDER BY ended, rowid"""
        return [run for (run,) in self.database.execute(sql).fetchall()]

    def take_in(self, run: str, basis: str, claims: Sequence[KnownClaim]) -> None:
        """Of a run, once. A claim that is known stays as it is, unless another run had spoken against it."""
        with self.runs.write():
            ids = json.dumps([claim.id for claim in claims])
            if not self.database.execute(
                "INSERT INTO knowledge_runs (run, basis, claims) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING run",
                [run, basis, ids],
            ).fetchone():
                return  # another process was faster
            self.database.executemany(
                f"""INSERT INTO knowledge ({", ".join(NAMES)}) VALUES ({_marks(NAMES)}) ON CONFLICT (id) DO UPDATE
                    SET retracted = CASE knowledge.by_person WHEN 1 THEN knowledge.retracted ELSE '' END""",
                [_row(claim) for claim in claims],
            )

    def contradict(self, claim: KnownClaim, reason: str) -> None:
        """It counts no more, by what another run found."""
        self.database.execute("UPDATE knowledge SET retracted = ? WHERE id = ? AND retracted = ''", [reason, claim.id])

    def say(self, claim: KnownClaim, **said: Any) -> KnownClaim:
        """A person's word: `pinned`, `note`, `correction`, `retracted` (a reason; empty lets it count again)."""
        if "retracted" in said:
            said["by_person"] = int(bool(said["retracted"]))
        columns = ", ".join(f"{name} = ?" for name in said)
        self.database.execute(
            f"UPDATE knowledge SET {columns}, said = ? WHERE id = ?",
            [*(int(value) if isinstance(value, bool) else value for value in said.values()), time.time(), claim.id],
        )
        return self.find(claim.id)

    def forget(self, claim: KnownClaim) -> None:
        """As if no run had ever verified it; a run that does so again makes it known again."""
        self.database.execute("DELETE FROM knowledge WHERE id = ?", [claim.id])

    def forget_deleted(self) -> None:
        """A run that was deleted takes its claims along, but those that a person has spoken of."""
        gone = "run NOT IN (SELECT id FROM runs)"
        if self.database.execute(f"SELECT 1 FROM knowledge_runs WHERE {gone} LIMIT 1").fetchone():
            with self.runs.write():
                self.database.execute(f"DELETE FROM knowledge WHERE said = 0 AND {gone}")
                self.database.execute(f"DELETE FROM knowledge_runs WHERE {gone}")

    def _rows(self, where: str, values: Sequence[Any]) -> list[KnownClaim]:
        rows = self.database.execute(f"SELECT {', '.join(NAMES)} FROM knowledge {where}", values).fetchall()
        return [_claim(dict(zip(NAMES, row, strict=True))) for row in rows]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values)) or "NULL"


def _row(claim: KnownClaim) -> list[Any]:
    values = claim.to_json()
    values["quotes"] = json.dumps(values["quotes"])
    return [int(value) if isinstance(value, bool) else value for value in values.values()]


def _claim(values: dict[str, Any]) -> KnownClaim:
    quotes = tuple(Quoted(**quote) for quote in json.loads(values["quotes"]))
    return KnownClaim(
        **{**values, "quotes": quotes, "pinned": bool(values["pinned"]), "by_person": bool(values["by_person"])}
    )
