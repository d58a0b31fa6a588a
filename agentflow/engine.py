"""The composition root: corpus, models, tools and runs of one project, put together for the CLI, the TUI and evals."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from agentflow.budget import Budget, Limits
from agentflow.calibration.first_use import ensure
from agentflow.context import Context
from agentflow.corpus.filter import Filter
from agentflow.corpus.ingest.intake import Intake
from agentflow.corpus.passage import Passage
from agentflow.corpus.quote_store import QuoteStore
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.events import Note, Sink, ignore
from agentflow.federation.searcher import FederatedSearcher, federated, text_inputs
from agentflow.federation.settings import load_settings
from agentflow.federation.sites import Sites
from agentflow.graph import Graph, checked
from agentflow.graphs import graph_of, load_graph, unchanged_graph
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.embedder import ModelEmbedder
from agentflow.models.pool import Models
from agentflow.models.pool_types import ModelPool
from agentflow.project import Project
from agentflow.runs import queue
from agentflow.runs.checkpoints import Checkpoints
from agentflow.runs.control import request_stop
from agentflow.runs.errors import LeaseLost
from agentflow.runs.execution import Ending, Execution
from agentflow.runs.fork import fork
from agentflow.runs.journal import Journal, Recorded
from agentflow.runs.leases import Lease
from agentflow.runs.outcome import Outcome, outcome_of
from agentflow.runs.queue import Terms
from agentflow.runs.recorded import RecordedModels, RecordedSearcher
from agentflow.runs.run import Run
from agentflow.runs.session import Session, reason_of
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from agentflow.telemetry.settings import load_telemetry
from agentflow.telemetry.traceparent import RunTrace

if TYPE_CHECKING:
    from agentflow.corpus.ingest.ingest import IngestReport

__all__ = ["Engine", "Outcome"]


class Engine:
    """Runs graphs of a project: `async with Engine(Project()) as engine: await engine.run("research", {...})`.

    `models` maps roles to names of models.yaml; `default` replaces every role. `sink` is called with every event. `pool`
    stands in for the models of models.yaml (see ScriptedModels). `alone`: the sites of sites.yaml are not asked. `let_go`
    is called with the store and a run's id when it has ended, waits, or was stopped. Opening it raises AgentflowError for
    a database or a models.yaml that cannot be used.
    """

    corpus: Corpus
    models: ModelPool
    store: RunStore
    _checkpoints: Checkpoints

    def __init__(
        self, project: Project, *, models: dict[str, str] | None = None, sink: Sink = ignore, pool: ModelPool | None = None,
        alone: bool = False, let_go: Callable[[RunStore, str], None] | None = None,
    ) -> None:  # fmt: skip
        self.project = project
        self.let_go = let_go
        self.alone = alone
        self.overrides = models or {}
        self.sink = sink
        self.running: dict[str, Execution] = {}
        self._idle = False  # a run was paused whose models other runs still used
        self._pool = pool
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.corpus = Corpus.open(self.project.database, create=True)
            stack.callback(self.corpus.close)
            for note in self.corpus.notes:
                self.sink(Note(text=note))
            self.quotes = QuoteStore(self.project.store)
            stack.callback(self.quotes.close)
            self.store = RunStore(self.project.store)
            stack.callback(self.store.close)
            self._checkpoints = Checkpoints(self.store)
            known = load_catalog(self.project.models_files()).with_env(load_telemetry(self.project.root).environment)
            for note in known.notes:
                self.sink(Note(text=note, level="warning"))
            pool: ModelPool = self._pool or Models(known, self.project.state, overrides=self.overrides, sink=self.sink)
            self.models = await stack.enter_async_context(pool)
            self.embedder = ModelEmbedder(self.models)
            self.intake = await stack.enter_async_context(Intake(self.embedder))
            self.own = HybridSearcher(self.corpus, self.embedder, sink=self.sink)
            self.sites = Sites({} if self.alone else load_settings(self.project).sites, self.project.root)
            stack.push_async_callback(self.sites.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def searcher(self) -> HybridSearcher | FederatedSearcher:
        return federated(self.own, self.sites, self.sink)

    async def ingest(self, paths: Sequence[Path]) -> "IngestReport":
        """Reads what is new or changed under `paths` into the corpus."""
        from agentflow.corpus.ingest.ingest import ingest

        return await ingest(self.corpus, paths, embedder=self.embedder, sink=self.sink)

    async def search(
        self, query: str, *, k: int = 8, where: Filter | None = None, sites: Collection[str] | None = None
    ) -> list[Passage]:
        """The `k` best passages, best first, of the corpus or of what `where` lets through, and of the `sites` named (None:
        all). No model but the embedder is started."""
        searcher = federated(self.own, self.sites.only(sites), self.sink)
        return await searcher.search(query, k=k, where=where)

    async def run(
        self, graph: str, inputs: dict[str, Any], *, limits: Limits = Limits(), run_id: str | None = None,
        docs: Sequence[Path] = (), where: Filter | None = None, models: dict[str, str] | None = None,
    ) -> Outcome:  # fmt: skip
        """Starts a run and carries it to its end, its first question to a person, or a pause.

        With `docs` and `where` it searches only these files and folders, and of them what the filter lets through, as
        long as it lives and in its forks. `models` maps roles to names; those not named are the project's.
        """
        run, loaded = self._register(graph, inputs, limits, run_id, docs, where, models, None)
        async with self._session(run, loaded) as session:
            ending = await session.start()
        return await self._ended(run, ending)

    def enqueue(
        self, graph: str, inputs: dict[str, Any], *, terms: Terms = Terms(), limits: Limits = Limits(),
        run_id: str | None = None, docs: Sequence[Path] = (), where: Filter | None = None,
        models: dict[str, str] | None = None,
    ) -> Run:  # fmt: skip
        """Checks and registers a run as `run` does, for a worker to carry. Raises Overloaded when too many wait."""
        return self._register(graph, inputs, limits, run_id, docs, where, models, terms)[0]

    def _register(
        self, graph: str, inputs: dict[str, Any], limits: Limits, run_id: str | None, docs: Sequence[Path],
        where: Filter | None, models: dict[str, str] | None, terms: Terms | None,
    ) -> tuple[Run, Graph]:  # fmt: skip
        loaded = load_graph(self.project, graph)
        given = checked(loaded, inputs)
        named = self.models_of(loaded, models)
        roots = [self.corpus.stored_path(Path(os.path.abspath(path))) for path in docs]
        scope = (where or Filter()).scope(roots, web=given.get("web") is True)
        with self.store.write():
            run = self.store.create(
                loaded.name, source=str(loaded.source), sha256=loaded.sha256, inputs=given, models=named,
                limits={**loaded.limits.given(), **limits.given()}, id=run_id, scope=scope,
            )  # fmt: skip
            return queue.put(self.store, run.id, terms) if terms else run, loaded

    async def follow_up(
        self, run_id: str, question: str, *, limits: Limits = Limits(), new_id: str | None = None
    ) -> Outcome:
        """A run that asks on about a finished one (`last`: the newest with an answer): on the same documents, by the
        same models unless this engine was given others. Raises AgentflowError for a run without sources."""
        from agentflow.research.question.follow_up import inputs_of, last_answered

        run = self.store.find(last_answered(self.store) if run_id == "last" else run_id)
        inputs, roles = inputs_of(run, outcome_of(self.store, run), question), self.graph_of(run).roles
        models = None if self.overrides else {role: run.models[role] for role in roles if role in run.models}
        where = Filter.stored(run.scope)
        return await self.run(run.graph, inputs, limits=limits, run_id=new_id, where=where, models=models)

    async def resume(self, run_id: str, *, answer: Any = None, limits: Limits | None = None) -> Outcome:
        """Goes on from the last checkpoint; `answer` is a person's reply to what the run waits for.

        A finished run returns its outcome again; a failed one is tried again. Raises Held while another process owns it, Damaged when what is
        stored is not what was written.
        """
        run = self.store.find(run_id)
        ended = run.finished and run.status not in (RunStatus.FAILED, RunStatus.DEAD)
        if ended or (run.question is not None and answer is None):
            return outcome_of(self.store, run)
        graph = unchanged_graph(self.project, run)
        if limits is not None:
            run = self.store.limit(run.id, limits.given())
        async with self._session(run, graph) as session:
            ending = await session.resume(answer)
        return await self._ended(run, ending)

    async def carry(self, claim: queue.ClaimedRun) -> Outcome:
        """A worker's: goes on with a run of the queue, or starts it. What it cannot carry now waits again, or is given up
        after its attempts. Raises LeaseLost when another worker has taken over."""
        run = claim.run
        try:
            async with self._session(run, unchanged_graph(self.project, run), claim.lease) as session:
                ending = await session.resume(run.reply)
            return await self._ended(run, ending)
        except LeaseLost:
            raise
        except Exception as error:
            queue.give_back(self.store, claim, reason_of(error))
            raise

    async def fork(
        self, run_id: str, *, at: str, models: dict[str, str] | None = None, changes: dict[str, Any] | None = None,
        limits: Limits | None = None,
    ) -> Outcome:  # fmt: skip
        """A new run from the step `at` on, with other models or another state; what came before is shared. `models` maps roles
        to names; `default` replaces every role."""
        return await self.resume(self.register_fork(run_id, at, models, changes).id, limits=limits)

    def register_fork(
        self, run_id: str, at: str, models: dict[str, str] | None = None, changes: dict[str, Any] | None = None
    ) -> Run:
        """The fork, paused before its first step."""
        run = self.store.find(run_id)
        chosen, sha256 = self.models.catalog.chosen(models, run.models), self.graph_of(run).sha256
        return fork(self.store, run, at, models=chosen, changes=changes, sha256=sha256)

    def models_of(self, graph: Graph, models: dict[str, str] | None = None) -> dict[str, str]:
        """Role to name, as a run of the graph would use them. Raises AgentflowError for an unknown model."""
        chosen = self.models.catalog.chosen(models, graph.roles)
        return {role: self.models.model_of(role) for role in graph.roles} | chosen

    def pause(self, run_id: str) -> None:
        """Asks the run's owner, here or in another process, to stop where it is; its models are unloaded once no run of
        the owner uses them."""
        self._ask(run_id, "pause")

    def cancel(self, run_id: str) -> None:
        """Asks the owner to end it. A run that nobody owns is cancelled at once."""
        self._ask(run_id, "cancel")

    def interrupt(self, number: int) -> None:
        """A signal: every run of this process is paused with its state kept."""
        for execution in self.running.values():
            execution.stop(f"stopped by {signal.Signals(number).name}; go on with `agentflow resume {execution.run}`")

    def _ask(self, run_id: str, what: str) -> None:
        run = request_stop(self.store, run_id, what)
        if run.id in self.running:
            self.running[run.id].stop(what)

    @asynccontextmanager
    async def _session(self, run: Run, graph: Graph, lease: Lease | None = None) -> AsyncIterator[Session]:
        """The run under this process' lease, or the one that a worker has claimed. Raises Held while another process owns it."""
        budget = Budget(Limits(**cast(Any, run.limits)), dict(run.spent))
        async with Execution.open(self.store, run.id, budget, self._checkpoints, self.sink, lease) as execution:
            recorded = Recorded(self.store, run.parent) if run.parent else None
            trace = RunTrace.of(run.id, run.trace)
            journal = Journal(execution.feed, budget, execution.sink, recorded, trace)
            context = self.context(run, graph, journal, execution)
            prepare = partial(ensure, self.models, run.models, self.sink)
            self.running[run.id] = execution
            try:
                yield Session(run, graph.builder, execution, context, prepare)
            finally:
                del self.running[run.id]
                if self.let_go:
                    self.let_go(self.store, run.id)

    async def _ended(self, run: Run, ending: Ending) -> Outcome:
        self._idle |= ending.status is RunStatus.PAUSED
        if self._idle and not self.running:  # the models of one engine are shared by its runs
            self._idle = False
            await self.models.unload()
        return outcome_of(self.store, self.store.load(run.id))

    def graph_of(self, run: Run) -> Graph:
        """The run's graph as it is now. Raises AgentflowError when it is gone."""
        return graph_of(self.project, run)

    def context(self, run: Run, graph: Graph, journal: Journal, execution: Execution) -> Context:
        """What the run's nodes may use: models, searches and tools pass through the journal."""
        from agentflow.toolbox import Toolbox

        sites = self.sites.only(run.sites)
        searcher = federated(self.own, sites, journal.emit, text_inputs(run.inputs))
        where = Filter.stored(run.scope)
        return Context(
            run=run.id,
            project=self.project,
            corpus=self.corpus,
            quotes=self.quotes,
            searcher=RecordedSearcher(searcher.within(where), journal),
            sites=sites,
            models=RecordedModels(self.models, journal, run.models),
            tools=Toolbox(self.project, graph.tools, graph.policy),
            load_graph=load_graph,
            journal=journal,
            budget=execution.budget,
            intake=self.intake,
            docs=tuple(self.corpus.file_of(root) for root in where.roots),
        )
