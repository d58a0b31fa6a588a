"""Retention: old runs go, the past of finished ones is pruned, and blobs that nothing needs are swept."""

import shutil
import time
from dataclasses import dataclass

from agentflow.project import Project
from agentflow.runs.blobs import sweep
from agentflow.runs.checkpoints import prune
from agentflow.runs.leases import is_alive
from agentflow.runs.run import Run
from agentflow.runs.serializer import payload
from agentflow.runs.store import RunStore

FEW_DAYS = 7.0


@dataclass(slots=True)
class Collected:
    """What went: whole runs (their ids), checkpoints of finished runs, blobs, and bytes of the file."""

    runs: list[str]
    checkpoints: int = 0
    blobs: int = 0
    bytes: int = 0


def collect(
    store: RunStore, project: Project, *, keep: int | None = None, older_than_days: float | None = None, prune_days: float = FEW_DAYS,
    dry_run: bool = False,
) -> Collected:  # fmt: skip
    """Deletes, with their files, finished runs beyond the newest `keep` or older than that many days, but no parent of a kept fork.

    Finished runs older than `prune_days` keep only their last checkpoint: they can be shown, replayed, compared and
    exported, but no longer forked. Runs that are not finished are never touched.
    """
    runs = store.list(limit=1_000_000)
    doomed = _doomed(runs, keep, older_than_days)
    if dry_run:
        return Collected([run.id for run in doomed])
    before = store.database.size()
    result = Collected([run.id for run in doomed if _deleted(store, run)])
    for id in result.runs:
        shutil.rmtree(project.run_folder(id), ignore_errors=True)
    limit = time.time() - prune_days * 86400
    gone = set(result.runs)
    for run in runs:
        if run.id not in gone and run.finished and (run.ended or 0) < limit:
            result.checkpoints += prune(store, run.id)
    with store.write():
        store.database.only_writer("blobs")  # a checkpoint that is being written may need one that nothing needs yet
        result.blobs = sweep(store.database, payloads(store))
    store.database.shrink()
    result.bytes = before - store.database.size()
    return result


def _deleted(store: RunStore, run: Run) -> bool:
    """Whether it could go: somebody may have removed it, or taken it up again, since the list was made."""
    with store.write():
        if (
            not store.exists(run.id)
            or (now := store.load(run.id)).fence != run.fence
            or not now.finished
            or is_alive(now)
        ):
            return False
        store.delete(run.id)
        return True


def payloads(store: RunStore) -> list[str]:
    """Every stored value that may need blobs."""
    rows = store.database.execute(
        "SELECT type, checkpoint FROM checkpoints UNION ALL SELECT type, value FROM writes"
    ).fetchall()
    return [payload(kind, data) for kind, data in rows]


def _doomed(runs: list[Run], keep: int | None, older_than_days: float | None) -> list[Run]:
    finished = [run for run in runs if run.finished and not is_alive(run)]
    doomed = {run.id: run for run in (finished[keep:] if keep is not None else [])}
    if older_than_days is not None:
        limit = time.time() - older_than_days * 86400
        doomed |= {run.id: run for run in finished if (run.ended or 0) < limit}
    while needed := {run.parent for run in runs if run.parent in doomed and run.id not in doomed}:
        for parent in needed:
            del doomed[parent]
    return list(doomed.values())
