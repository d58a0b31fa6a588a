"""Tokens that a caller may spend from midnight to midnight (UTC), over all the runs that they asked for."""

import json

from agentflow.errors import ShareSpent
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import GOES_ON, RunStatus

DAY = 86_400


def hold(store: RunStore, run: Run, name: str, tokens_a_day: int) -> None:
    """Inside the transaction that queues it: limits a run to what is left of the day. A run that has not ended holds all
    that its limit allows, so several at once cannot spend the same tokens. Raises ShareSpent when nothing is left."""
    left = tokens_a_day - _taken(store, name, run.id)
    if left <= 0:
        raise ShareSpent(
            f"{name} may spend {tokens_a_day:,} tokens a day; today's are spent, or held by runs that go on",
            "wait for one to end, or until midnight (UTC); limit a run's own with `limits: {tokens: ...}`",
        )
    most = run.spent.get("tokens", 0) + left
    if run.limits.get("tokens", most + 1) > most:
        store.limit(run.id, {"tokens": most})


def _taken(store: RunStore, name: str, but: str) -> float:
    rows = store.database.execute(
        "SELECT status, spent, limits FROM runs WHERE requested_by = ? AND id != ? AND queued >= ?",
        [name, but, _midnight(store)],
    ).fetchall()
    taken = 0.0
    for status, spent, limits in rows:
        held = RunStatus(status) in GOES_ON
        taken += json.loads(limits).get("tokens", 0) if held else json.loads(spent).get("tokens", 0)
    return taken


def _midnight(store: RunStore) -> float:
    now = float(store.database.execute(f"SELECT {store.database.now}").fetchone()[0])
    return now - now % DAY
