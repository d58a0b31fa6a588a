"""Runs what an evaluation still lacks: every case under every variant, as durable runs, a few at a time."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.budget import Budget, Limits
from agentflow.errors import AgentflowError, Unavailable
from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import FAILED, Record, Records
from agentflow.evaluation.scoring import Documents, Scorer, score
from agentflow.evaluation.variants import CaseUnfit, Variant, fill
from agentflow.events import Progress, Sink, ignore
from agentflow.project import Project
from agentflow.runs.errors import Held
from agentflow.runs.outcome import Outcome
from agentflow.runs.run import id_from
from agentflow.status import RunStatus
from agentflow.usage import Usage

if TYPE_CHECKING:
    from agentflow.engine import Engine

OpenEngine = Callable[[Project, dict[str, str]], "Engine"]
"""An engine of a workspace with these models by role."""
Measure = Callable[["PlannedRun"], Awaitable[Record]]
OpenBench = Callable[[dict[str, str]], AbstractAsyncContextManager[Measure]]
"""Where cases are run with these models by role, and scored."""

PATIENCE = (2.0, 10.0, 0.0)
"""Seconds to wait after each attempt at a run whose server went away, before it is left for the next time."""
GIVE_UP = 5
"""Runs in a row that end for want of a server, or could not begin, before the evaluation stops. A run that fails by
what the model wrote is a result."""


@dataclass(frozen=True, slots=True)
class PlannedRun:
    variant: Variant
    case: Case
    repeat: int

    def run_id(self, evaluation: str, plan: str) -> str:
        """The same after a kill, so that a run left in the middle is resumed and a finished one is found; another one
        when the plan has changed, also where an evaluation of the same name was thrown away."""
        key = f"{plan}\0{self.variant.name}\0{self.case.id}\0{self.repeat}"
        return id_from(evaluation.lower(), hashlib.sha256(key.encode()).hexdigest()[:12])


@dataclass(slots=True)
class Runner:
    """`records` is where results go; whatever is there and did not fail is not run again."""

    evaluation: str
    plan: str
    records: Records
    scorers: Sequence[Scorer]
    slices: Sequence[str]
    limits: Limits = field(default_factory=Limits)
    jobs: int = 2
    embed: bool = True
    sink: Sink = ignore
    _lost: int = 0

    async def run(self, items: Sequence[PlannedRun], bench: OpenBench) -> None:
        """Raises Unavailable after GIVE_UP failures in a row; what was done is kept and the same call goes on."""
        self.records.repair()
        done = {record.key for record in self.records.load() if record.status not in FAILED}
        left = [item for item in items if (item.variant.name, item.case.id, item.repeat) not in done]
        total, finished = len(items), len(items) - len(left)
        for models, group in _by_models(left):
            async with bench(models) as measure, aclosing(self._work(group, measure)) as work:
                async for _ in work:
                    finished += 1
                    self.sink(Progress(task=f"cases of {self.evaluation}", done=finished, total=total, unit="runs"))

    def here(self, place: Project, corpus: Path | None, open_engine: OpenEngine) -> OpenBench:
        """In this process."""

        @asynccontextmanager
        async def bench(models: dict[str, str]) -> AsyncIterator[Measure]:
            async with open_engine(place, models) as engine:
                if corpus is not None:
                    await read_corpus(engine, corpus, embed=self.embed, sink=self.sink)
                yield lambda item: self.measure(item, engine)

        return bench

    async def _work(self, items: Iterable[PlannedRun], measure: Measure) -> AsyncGenerator[None]:
        """Yields as items end. The first error cancels the others: their runs resume the next time."""
        waiting = iter(items)
        running: set[asyncio.Task[None]] = set()
        ended: set[asyncio.Task[None]] = set()
        try:
            while True:
                while len(running) < self.jobs and (item := next(waiting, None)) is not None:
                    running.add(asyncio.create_task(self._one(item, measure)))
                if not running:
                    return
                ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()
                    yield None
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, *ended, return_exceptions=True)

    async def measure(self, item: PlannedRun, engine: "Engine") -> Record:
        """Runs and scores."""
        search = bool(item.variant.target.search)
        try:
            outcome = await (self._search(item, engine) if search else self._run(item, engine))
        except CaseUnfit as error:
            outcome = not_run("", RunStatus.ERROR, f"{error.message}; {error.hint}")
        record = self._record(item, outcome)
        return await score(self.scorers, item.case, record, {"documents": texts(engine), "engine": engine})

    async def _one(self, item: PlannedRun, measure: Measure) -> None:
        """Writes one line. What failed counts as a wrong answer, and is tried again the next time."""
        record = await measure(item)
        self.records.append(record)
        self._lost = self._lost + 1 if record.status in (RunStatus.PAUSED, RunStatus.ERROR) else 0
        if self._lost >= GIVE_UP:
            raise Unavailable(
                f"{GIVE_UP} runs in a row could not be carried out, the last one: {record.message}",
                "what is done is kept: mend it and give the same command again",
            )

    async def _run(self, item: PlannedRun, engine: "Engine") -> Outcome:
        run = item.run_id(self.evaluation, self.plan)
        inputs = item.variant.inputs(item.case)
        for wait in PATIENCE:
            outcome = await attempt(engine, item.variant.target.graph, inputs, run, self.limits)
            if outcome.status is not RunStatus.PAUSED:
                break
            await asyncio.sleep(wait)
        return outcome

    async def _search(self, item: PlannedRun, engine: "Engine") -> Outcome:
        target, started = item.variant.target, time.perf_counter()
        passages = await engine.searcher.search(str(fill(target.search, item.case)), k=target.k, per_document=1)
        seconds = time.perf_counter() - started
        output = {"passages": [{"path": p.path, "line": p.place.line, "score": p.score} for p in passages]}
        return Outcome("", RunStatus.DONE, output, Usage(), seconds, "")

    def _record(self, item: PlannedRun, outcome: Outcome) -> Record:
        return Record(
            variant=item.variant.name, case=item.case.id, repeat=item.repeat, run=outcome.run, status=outcome.status,
            output=outcome.output, usage=asdict(outcome.usage), seconds=outcome.seconds, model=outcome.model,
            message=outcome.message, slices={name: str(item.case.get(name, "")) for name in self.slices},
        )  # fmt: skip


async def read_corpus(engine: "Engine", folder: Path, *, embed: bool, sink: Sink) -> None:
    """What is new in the folder; without vectors the search goes by words alone."""
    if embed:
        await engine.ingest([folder])
        return
    from agentflow.corpus.ingest.ingest import ingest

    await ingest(engine.corpus, [folder], embedder=None, sink=sink)


async def attempt(engine: "Engine", graph: str, inputs: dict[str, Any], run: str, limits: Limits) -> Outcome:
    """The outcome; `error` when the engine refuses the run or the graph has a bug, which fails this case alone."""
    try:
        return await durable(engine, graph, inputs, run, limits)
    except (Unavailable, Held) as error:  # Held: by a process that is about to be gone
        return not_run(run, RunStatus.PAUSED, f"{error.message}; {error.hint}")
    except AgentflowError as error:
        return not_run(run, RunStatus.ERROR, f"{error.message}; {error.hint}")
    except Exception as error:  # noqa: BLE001  a person's graph: whatever it raises belongs to this case
        return not_run(run, RunStatus.ERROR, f"{type(error).__name__}: {error}")


async def durable(engine: "Engine", graph: str, inputs: dict[str, Any], run: str, limits: Limits) -> Outcome:
    """A new run, or the one that an earlier process began: resumed where it stood, or its outcome when it had ended.

    One that failed starts again. One that used up its limits has the status `spent`; `paused` is left for an outage.
    """
    try:
        known = engine.store.load(run)
    except AgentflowError:
        known = None
    if known is not None and known.status in (RunStatus.FAILED, RunStatus.CANCELLED):
        engine.store.delete(run)
        known = None
    outcome = await (engine.resume(run) if known else engine.run(graph, inputs, limits=limits, run_id=run))
    if outcome.status is RunStatus.PAUSED and Budget(limits, engine.store.load(run).spent).exhausted():
        return replace(outcome, status=RunStatus.SPENT)
    return outcome


def not_run(run: str, status: RunStatus, message: str) -> Outcome:
    return Outcome(run, status, {}, Usage(), 0.0, "", message=message)


def texts(engine: "Engine") -> Documents:
    """The text of a document by its stored path, as scorers look quotes up in it."""
    return cache(lambda path: engine.corpus.text(engine.corpus.document(path).id))


def items(variants: Sequence[Variant], cases: Sequence[Case], repeats: int) -> list[PlannedRun]:
    """Case by case, so that an evaluation cut short still compares the same cases under every variant."""
    return [PlannedRun(v, case, repeat) for repeat in range(repeats) for case in cases for v in variants]


def _by_models(left: Sequence[PlannedRun]) -> list[tuple[dict[str, str], list[PlannedRun]]]:
    """One engine for each choice of models: small machines hold one model at a time."""
    groups: dict[str, tuple[dict[str, str], list[PlannedRun]]] = {}
    for item in left:
        groups.setdefault(repr(sorted(item.variant.models.items())), (item.variant.models, []))[1].append(item)
    return list(groups.values())
