"""The queue: a run that waits for a worker is a run of the store with the status `queued`, and nothing else.

A worker claims the first one that may start and holds it by a lease: it must show a sign of life before the lease runs
out by the store's clock, or another takes the run over. The fence that a takeover raises refuses what the late worker
still writes, so that nothing is lost and nothing that was journaled is done twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentflow.errors import AgentflowError, Overloaded, ShareSpent, StoreFailed
from agentflow.runs.allowance import hold
from agentflow.runs.blobs import compact
from agentflow.runs.calls import forget_failures
from agentflow.runs.control import BECOMES
from agentflow.runs.errors import Damaged, Held
from agentflow.runs.human_input import check_answer
from agentflow.runs.leases import Lease, is_alive, this_process
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus

LEASE = 60.0  # seconds without a sign of life after which another worker takes over
MOST_WAITING = 10_000
MOST_ATTEMPTS = 5
LONGEST_DELAY = 300.0  # seconds between attempts; the first delay is one second, each is twice the last


@dataclass(frozen=True, slots=True)
class Terms:
    """How a run waits: higher `priority` first, then the oldest; not before a time (Unix seconds). `attempts`: how many
    workers may fail it. `most_waiting` bounds the queue that it joins, `most_own` and `tokens_a_day` the share of whoever
    asks, `sites` what it may ask beyond its own corpus (None: all)."""

    priority: int = 0
    not_before: float = 0.0
    attempts: int = MOST_ATTEMPTS
    requested_by: str = ""
    most_waiting: int = MOST_WAITING
    most_own: int = 0  # of `requested_by` that wait or run at once; 0 for any number
    tokens_a_day: int = 0  # of all their runs; 0 for any number
    sites: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run and the right to write for it. `run.attempts` counts this claim; `run.reply` is the answer it waited with."""

    run: Run
    lease: Lease


def put(store: RunStore, run: str, terms: Terms) -> Run:
    """A run that was just created waits. Raises Overloaded when too many do."""
    with store.write():
        _require_room(store, terms, store.load(run))
        store.settle(run, RunStatus.QUEUED)
        store.database.execute(
            f"UPDATE runs SET priority = ?, not_before = ?, queued = {store.database.now}, most_attempts = ?,"
            " requested_by = ?, sites = ? WHERE id = ?",
            [terms.priority, terms.not_before, terms.attempts, terms.requested_by, _json(terms.sites), run],
        )
    return store.load(run)


def requeue(store: RunStore, name: str, *, answer: Any = None, terms: Terms = Terms()) -> Run:
    """A run that was paused, cut off, failed or given up waits for a worker again, with all its attempts.

    `answer` is a person's reply to what it waits for. Raises AgentflowError for a run that has ended well, Held for one
    that is carried now.
    """
    with store.write():
        run = store.find(name)
        if run.status == RunStatus.QUEUED:
            return run
        if run.finished and run.status not in ("failed", RunStatus.DEAD):
            raise AgentflowError(f"run {run.id} has ended ({run.status})", f"see `agentflow runs show {run.id}`")
        if is_alive(run):
            raise Held(f"run {run.id} is carried by process {run.owner['pid']} on {run.owner['host']}", "let it run")
        if run.question is not None:
            check_answer(run.id, run.question, answer)
        _require_room(store, terms, run)
        if run.status in ("failed", RunStatus.DEAD):
            forget_failures(store, run.id)
        store.settle(run.id, RunStatus.QUEUED, question=run.question)
        store.database.execute(
            f"UPDATE runs SET queued = {store.database.now}, not_before = 0, attempts = 0, lease = 0, owner = '{{}}', beat = 0,"
            " fence = fence + 1, most_attempts = ?, reply = ? WHERE id = ?",
            [run.most_attempts or terms.attempts, compact(answer), run.id],
        )
        if terms.requested_by:
            store.database.execute(
                "UPDATE runs SET requested_by = ?, sites = ? WHERE id = ?",
                [terms.requested_by, _json(terms.sites), run.id],
            )
        return store.load(run.id)


def claim(
    store: RunStore,
    *,
    graphs: Sequence[str] = (),
    models: Sequence[str] = (),
    lease: float = LEASE,
    likely: bool = False,
) -> ClaimedRun | None:
    """The first run that may start now, held for `lease` seconds; None when there is none.

    With `graphs` and `models` only runs of these graphs, and only those all of whose models are named. Who is `likely` to
    find one spares the look that comes before the lock.
    """
    first, values = _first(store, graphs, models)
    if not likely and store.database.execute(f"SELECT 1 FROM runs {first}", values).fetchone() is None:
        return None
    with store.write():
        row = store.row(first + store.database.skip_locked, values)
        if row is None:  # another worker was quicker
            return None
        try:
            run = store.read(row)
        except Damaged:
            bury(store, row.values[0])
            return None
        begun = replace(run, status=RunStatus.RUNNING, attempts=run.attempts + 1, fence=run.fence + 1)
        store.begin(
            row, f"fence = ?, owner = ?, beat = {store.database.now}, lease = ?, attempts = ?, asked = ''",
            [begun.fence, compact(this_process()), lease, begun.attempts],
        )  # fmt: skip
        return ClaimedRun(begun, Lease(store, run.id, begun.fence, lease))


def recover(store: RunStore) -> list[str]:
    """Takes back what workers hold that are gone, or silent for longer than their lease; the ids. To be called all the
    time: a takeover does not wait for anybody's start."""
    held = store.database.execute(
        f"SELECT id, {store.database.now} - beat > lease FROM runs WHERE lease > 0 AND status = 'running'"
    ).fetchall()
    taken = []
    for name, silent in held:
        try:
            if take_back(store, name, silent):
                taken.append(name)
        except Damaged:
            if silent:
                bury(store, name)
        except AgentflowError as error:
            if isinstance(error, StoreFailed) or store.exists(name):
                raise
    return taken


def take_back(store: RunStore, name: str, silent: bool) -> bool:
    """Whether a running run was taken from a worker that is gone, or silent. Raises Damaged, and AgentflowError for a run that
    was removed meanwhile."""
    run = store.load(name)
    gone = not is_alive(run)
    if not silent and not gone:
        return False
    with store.write():
        there = "SELECT 1 FROM runs WHERE id = ?" + store.database.skip_locked
        if store.database.execute(there, [name]).fetchone() is None:
            return False  # somebody writes to it just now, or was stopped while they did: the next time
        now = store.load(name)
        if (now.fence, now.beat, now.status) != (run.fence, run.beat, "running"):
            return False  # it ended, gave a sign, or was taken over meanwhile
        store.database.execute("UPDATE runs SET fence = fence + 1, owner = '{}', beat = 0 WHERE id = ?", [name])
        if now.asked:  # by a person, of a worker that never heard it
            store.settle(name, BECOMES[now.asked], message=f"{now.asked} on request", question=now.question)
            store.database.execute("UPDATE runs SET lease = 0 WHERE id = ?", [name])
            return False
        holder = f"process {run.owner['pid']} on {run.owner['host']}" if run.owner else "its worker"
        try_again(store, run, f"{holder} {'was gone' if gone else 'was silent for longer than its lease'}")
    return True


def bury(store: RunStore, name: str) -> None:
    """A damaged run must not stand in the way of the others; its seal goes on telling of the damage."""
    with store.write():
        store.database.execute("UPDATE runs SET status = ?, lease = 0 WHERE id = ?", [RunStatus.DEAD, name])


def try_again(store: RunStore, run: Run, reason: str) -> None:
    """Inside a transaction: waits again, later each time, or is given up after its attempts."""
    dead = run.attempts >= run.most_attempts
    message = f"{reason} ({run.attempts} attempts)" if dead else f"attempt {run.attempts}: {reason}"
    store.settle(run.id, RunStatus.DEAD if dead else RunStatus.QUEUED, message=message, question=run.question)
    delay = min(2.0 ** (run.attempts - 1), LONGEST_DELAY)
    store.database.execute(
        f"UPDATE runs SET lease = 0, not_before = {store.database.now} + ? WHERE id = ?",
        [0.0 if dead else delay, run.id],
    )


def give_back(store: RunStore, claim: ClaimedRun, reason: str) -> None:
    """What was claimed and did not get as far as to start: it waits again, or is given up after its attempts."""
    with store.write():
        run = store.load(claim.run.id)
        if run.status is RunStatus.RUNNING and run.fence == claim.lease.fence:
            try_again(store, run, reason)
            claim.lease.release()


def hand_over(store: RunStore, run: Run, status: str, message: str, *, again: bool) -> None:
    """Inside the transaction in which a worker's run has ended its stretch: it is done with, waits for a person, was
    given back (which is no failed attempt), or must be tried again."""
    if again:
        try_again(store, run, message)
    attempts = run.attempts - (status == RunStatus.QUEUED)
    store.database.execute("UPDATE runs SET lease = 0, attempts = ? WHERE id = ?", [attempts, run.id])


def take_reply(store: RunStore, run: str) -> None:
    """Inside the transaction that journals it."""
    store.database.execute("UPDATE runs SET reply = 'null' WHERE id = ? AND reply != 'null'", [run])


def waiting(store: RunStore) -> int:
    """How many runs are queued."""
    return int(store.database.execute("SELECT count(*) FROM runs WHERE status = 'queued'").fetchone()[0])


def is_empty(store: RunStore) -> bool:
    """Nothing waits and no worker carries anything."""
    query = "SELECT 1 FROM runs WHERE status = 'queued' OR (lease > 0 AND status = 'running') LIMIT 1"
    return store.database.execute(query).fetchone() is None


def _require_room(store: RunStore, terms: Terms, run: Run) -> None:
    store.database.one_at_a_time("queue")  # who counts at the same time counts after this one is in
    if (count := waiting(store)) >= terms.most_waiting:
        raise Overloaded(
            f"{count} runs wait already; the queue takes at most {terms.most_waiting}",
            "start more workers, or cancel some: agentflow queue",
        )
    if terms.most_own:
        query = "SELECT count(*) FROM runs WHERE status IN ('queued', 'running') AND requested_by = ?"
        own = int(store.database.execute(query, [terms.requested_by]).fetchone()[0])
        if own >= terms.most_own:
            raise ShareSpent(
                f"{own} runs of {terms.requested_by} wait or run already; at most {terms.most_own} may at once",
                "wait for one to end, or cancel one",
            )
    if terms.tokens_a_day:
        hold(store, run, terms.requested_by, terms.tokens_a_day)


def _json(names: Sequence[str] | None) -> str:
    return compact(None if names is None else list(names))


def _first(store: RunStore, graphs: Sequence[str], models: Sequence[str]) -> tuple[str, list[str]]:
    """Which run is the next, with the condition's values."""
    conditions = ["status = 'queued'", f"not_before <= {store.database.now}"]
    if graphs:
        conditions.append(f"graph IN ({', '.join('?' * len(graphs))})")
    if models:
        named = ", ".join("?" * len(models))
        conditions.append(f"NOT EXISTS (SELECT 1 FROM json_each(runs.models) WHERE value NOT IN ({named}))")
    return f"WHERE {' AND '.join(conditions)} ORDER BY priority DESC, queued, rowid LIMIT 1", [*graphs, *models]
