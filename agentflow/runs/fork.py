"""A new run that shares the past of another: its checkpoints up to a step are copied, the rest runs again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.runs.blobs import digest
from agentflow.runs.checkpoints import CHECKPOINT, WRITE
from agentflow.runs.event_log import read
from agentflow.runs.run import Run
from agentflow.runs.serializer import PlainJson
from agentflow.runs.step_summary import StepRecord, steps_of
from agentflow.runs.store import RunStore
from agentflow.runs.verify import require_whole
from agentflow.status import RunStatus

TASKS = "__pregel_tasks"  # LangGraph's channel of Sends that wait
NOT_A_TASK = "00000000-0000-0000-0000-000000000000"


def fork(
    store: RunStore, run: Run, at: str, *, models: dict[str, str] | None = None, changes: dict[str, Any] | None = None,
    id: str | None = None, sha256: str = "",
) -> Run:  # fmt: skip
    """Registers the fork, paused before `at`; resume it to run. Siblings of a branch keep their results.

    `at` is a step's id (`005-write`, `003-investigate.1`), its number, or a node's name (its last visit). `changes`
    are set in the state, and in the input of a branch that has the key; `sha256` is the graph's as it is now. Raises AgentflowError for an unknown step, a
    key that the state does not have, or a past that was pruned.
    """
    require_whole(store, run.id)
    step = find_step(steps_of(entry.event for entry in read(store, run.id)), at, run)
    past = Past.of(store, run, step)
    past.checkpoints[-1] = _changed(store, past.checkpoints[-1], changes or {})
    with store.write():  # a fork without its past would begin anew
        forked = store.create(
            run.graph, source=run.source, sha256=sha256 or run.sha256, inputs=run.inputs, models={**run.models, **(models or {})},
            limits=run.limits, id=id, parent=run.id, forked_at=step.id, scope=run.scope,
        )  # fmt: skip
        past.give(store, forked.id)
        store.settle(forked.id, RunStatus.PAUSED, message=f"forked from {run.id} at {step.id}")
        return store.load(forked.id)


@dataclass(slots=True)
class Past:
    """The rows that a step stands on: outer checkpoints, the latest last, and what its finished siblings wrote."""

    checkpoints: list[tuple[Any, ...]]
    siblings: list[tuple[Any, ...]]

    @classmethod
    def of(cls, store: RunStore, run: Run, step: StepRecord) -> "Past":
        checkpoints = _checkpoints(store, run, int(step.id.split("-")[0]))
        return cls(checkpoints, _siblings(store, run, str(checkpoints[-1][2]), step))

    def give(self, store: RunStore, run: str) -> None:
        """Makes it the past of `run`."""
        with store.write():
            for row in self.checkpoints:
                _insert(store, "checkpoints", CHECKPOINT, [run, *row[1:]])
            for row in self.siblings:
                _insert(store, "writes", WRITE, [run, *row[1:]])
            store.database.execute("UPDATE runs SET checkpoints = ? WHERE id = ?", [len(self.checkpoints), run])


def find_step(steps: Sequence[StepRecord], at: str, run: Run) -> StepRecord:
    own = [step for step in steps if "/" not in step.id]  # those of a graph within have no checkpoint of their own
    found = [step for step in own if at in (step.id, step.node, step.id.split("-")[0].lstrip("0"), step.id[:3])]
    if not found:
        raise AgentflowError(f"run {run.id} has no step '{at}'", f"its steps: {', '.join(step.id for step in own)}")
    last = found[-1]
    if at == last.id or "." not in last.id:
        return last
    whole = last.id.rsplit(".", 1)[0]  # a node's name or number means all branches of that fan-out
    return StepRecord(whole, last.node)


def _checkpoints(store: RunStore, run: Run, number: int) -> list[tuple[Any, ...]]:
    rows = store.database.execute(
        f"SELECT {CHECKPOINT} FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY rowid", [run.id]
    ).fetchall()
    past = [row for row in rows if _step(row) < number]
    if not past or _step(past[-1]) != number - 1:
        raise AgentflowError(
            f"the checkpoint before step {number} of run {run.id} was pruned", "fork earlier runs before `runs gc`"
        )
    return past


def _step(checkpoint: tuple[Any, ...]) -> int:
    return int(json.loads(checkpoint[6])["step"])


def _changed(store: RunStore, row: tuple[Any, ...], changes: dict[str, Any]) -> tuple[Any, ...]:
    """The checkpoint with other values in its state; a reducer's channel gets the value as it is."""
    if not changes:
        return row
    serializer = PlainJson(store.blobs)
    checkpoint = serializer.loads_typed((row[4], row[5]))
    values = checkpoint["channel_values"]
    sends = [send.arg for send in values.get(TASKS, ()) if isinstance(send.arg, dict)]
    for key, value in changes.items():
        holders = [holder for holder in (values, *sends) if key in holder]
        if not holders or key.startswith(("__", "branch:")):
            known = sorted(
                {key for holder in (values, *sends) for key in holder if not key.startswith(("__", "branch:"))}
            )
            raise AgentflowError(f"the state has no '{key}' at that step", f"it has: {', '.join(known)}")
        for holder in holders:
            holder[key] = value
    return (*row[:4], *serializer.dumps_typed(checkpoint), row[6])


def _siblings(store: RunStore, run: Run, checkpoint: str, step: StepRecord) -> list[tuple[Any, ...]]:
    """Finished branches of the same fan-out, when only one of them is to run again."""
    if "." not in step.id:
        return []
    place = f"{int(step.id.rsplit('.', 1)[1]):010d}"
    rows = store.database.execute(
        f"SELECT {WRITE} FROM writes WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ? AND task_id != ?",
        [run.id, checkpoint, NOT_A_TASK],
    ).fetchall()
    return [row for row in rows if place not in str(row[4])]


def _insert(store: RunStore, table: str, columns: str, row: Sequence[Any]) -> None:
    store.database.execute(
        f"INSERT INTO {table} ({columns}, seal) VALUES ({', '.join('?' * (len(row) + 1))})", [*row, digest(*row)]
    )
