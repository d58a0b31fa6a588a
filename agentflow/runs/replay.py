"""A recorded run once more without any model: every call is answered by the journal, and the traces are compared."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any, Protocol

from agentflow.budget import Budget, Limits
from agentflow.errors import AgentflowError
from agentflow.events import Event, Sink, ignore
from agentflow.runs.checkpoints import Checkpoints
from agentflow.runs.event_log import read
from agentflow.runs.execution import Ending, Execution, reply
from agentflow.runs.fork import Past
from agentflow.runs.human_input import answers
from agentflow.runs.journal import Journal, Recorded
from agentflow.runs.run import Run
from agentflow.runs.serializer import payload
from agentflow.runs.step_summary import StepRecord
from agentflow.runs.store import RunStore
from agentflow.runs.trace import trace
from agentflow.runs.verify import require_whole
from agentflow.status import RunStatus


class Replayer(Protocol):
    """What a replay needs of an Engine."""

    store: RunStore

    def graph_of(self, run: Run) -> Any:
        """The run's graph as it is now. Raises AgentflowError when it is gone."""

    def context(self, run: Run, graph: Any, journal: Journal, execution: Execution) -> Any:
        """What the run's nodes may use."""


@dataclass(frozen=True, slots=True)
class Replay:
    """`recorded` and `replayed` are traces: one line of JSON an event, without times."""

    run: str
    status: RunStatus
    output: dict[str, Any]
    recorded: list[str]
    replayed: list[str]
    same_output: bool

    @property
    def identical(self) -> bool:
        return self.same_output and self.recorded == self.replayed

    def differences(self) -> list[str]:
        return list(unified_diff(self.recorded, self.replayed, "recorded", "replayed", lineterm="", n=1))


@contextmanager
def scratch() -> Iterator[RunStore]:
    """A database that replays write to, thrown away at the end: to make one takes longer than to replay a short run."""
    with tempfile.TemporaryDirectory(prefix="agentflow-replay-") as folder:
        store = RunStore(Path(folder) / "agentflow.db")
        try:
            yield store
        finally:
            store.close()


async def replay(engine: Replayer, run_id: str, *, sink: Sink = ignore, within: RunStore | None = None) -> Replay:
    """Runs a finished run again from its journal, without any model, and compares the events.

    Raises Diverged when the graph asks for what was not recorded: it, its prompts or the corpus changed since.

    `within` is a scratch database that replays of other runs share.
    """
    run = engine.store.find(run_id)
    require_whole(engine.store, run.id)
    if not run.finished:
        raise AgentflowError(f"run {run.id} is {run.status}: only a finished run can be replayed", "resume it first")
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        sink(event)

    with nullcontext(within) if within else scratch() as store:
        ending = await _again(engine, run, store, listen)
    recorded = trace(entry.event for entry in read(engine.store, run.id))
    return Replay(run.id, ending.status, ending.output, recorded, trace(events), ending.output == run.output)


async def _again(engine: Replayer, run: Run, scratch: RunStore, sink: Sink) -> Ending:
    """The run in a database of its own, with the answers that persons gave. Time is no limit: nothing takes any."""
    scratch.create(
        run.graph, source=run.source, sha256=run.sha256, inputs=run.inputs, models=run.models, limits={}, id=run.id
    )
    given: Any = run.inputs
    if run.parent:
        given = None
        _past(engine.store, run, scratch)
    budget = Budget(replace(Limits(**run.limits), seconds=None, step_seconds=None))  # type: ignore[arg-type]
    said = answers(engine.store, run.id)
    graph = engine.graph_of(run)
    checkpoints = Checkpoints(scratch)
    while True:
        async with Execution.open(scratch, run.id, budget, checkpoints, sink) as execution:
            recorded = Recorded(engine.store, run.id, replay=True)
            journal = Journal(execution.feed, budget, execution.sink, recorded)
            ending = await execution.go(graph.builder, given, engine.context(run, graph, journal, execution))
        if ending.question is None:
            return ending
        try:
            given = reply(ending.question, next(said))
        except StopIteration:  # it was cancelled while it asked
            return ending


def _past(source: RunStore, run: Run, scratch: RunStore) -> None:
    """A fork starts where it was cut: with the checkpoints that were copied then, and the blobs they need."""
    past = Past.of(source, run, StepRecord(run.forked_at, ""))
    needed = {
        name
        for kind, data in [
            *((row[4], row[5]) for row in past.checkpoints),
            *((row[7], row[8]) for row in past.siblings),
        ]
        for name in source.blobs.references(payload(kind, data))
    }
    for name in needed:
        scratch.database.execute(
            "INSERT INTO blobs (sha256, data) VALUES (?, ?)",
            source.database.execute("SELECT sha256, data FROM blobs WHERE sha256 = ?", [name]).fetchone(),
        )
    past.give(scratch, run.id)
