"""What the routes do, over one open engine. Writes go through threads: another process may hold the store for a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.responses import Response, StreamingResponse

from agentflow.api.bodies import (
    AnswerBody,
    EventsQuery,
    ForkBody,
    GraphNames,
    GraphView,
    Hit,
    Hits,
    ListQuery,
    QueueView,
    ReportQuery,
    ResumeBody,
    RunList,
    RunView,
    SearchBody,
    StartBody,
)
from agentflow.api.errors import Refusal
from agentflow.api.stream import events
from agentflow.budget import Limits
from agentflow.engine import Engine
from agentflow.errors import AgentflowError, StoreFailed, Unavailable
from agentflow.export.formats import export
from agentflow.graph import Graph
from agentflow.graphs import load_graph
from agentflow.identity.caller import Caller
from agentflow.runs.allowance import hold
from agentflow.runs.control import request_stop
from agentflow.runs.follow import Follower
from agentflow.runs.outcome import outcome_of
from agentflow.runs.queue import MOST_WAITING, Terms, requeue, waiting
from agentflow.runs.run import Run
from agentflow.status import RunStatus
from agentflow.text.words import legible

MOST_FOLLOWERS = 256
TYPES = {"json": "application/json", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}
INERT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"  # of a report as HTML
Value = TypeVar("Value")


class Service:
    """`closing` ends the streams when the server is to end."""

    def __init__(self, engine: Engine, *, most_waiting: int = MOST_WAITING) -> None:
        self.engine = engine
        self.store = engine.store
        self.most_waiting = most_waiting
        self.closing = False
        self.followers = 0

    async def start(self, caller: Caller, body: StartBody) -> RunView:
        graph = await asyncio.to_thread(self._graph, body.graph)
        caller.require(graph)
        caller.require_models(self.engine.models_of(graph, body.models).values())
        inputs = {**body.inputs, **({"question": body.question} if body.question is not None else {})}
        if body.id and (known := await asyncio.to_thread(self._known, caller, body.id, graph, inputs)):
            return known
        if (
            graph.name == "research"
            and not self.engine.sites
            and not self.engine.corpus.value("SELECT 1 FROM documents LIMIT 1")
        ):
            raise Refusal("conflict", "the corpus has no documents", "agentflow ingest FOLDER, in the project")
        terms = self._terms(caller, priority=body.priority, not_before=body.not_before, attempts=body.attempts)
        try:
            return RunView.of(
                await asyncio.to_thread(
                    self.engine.enqueue, graph.name, inputs, terms=terms, limits=Limits(**body.limits.model_dump()),
                    run_id=body.id, where=body.where, models=body.models,
                )
            )  # fmt: skip
        except AgentflowError:
            if body.id and (known := await asyncio.to_thread(self._known, caller, body.id, graph, inputs)):
                return known  # sent twice at once
            raise

    def _known(self, caller: Caller, id: str, graph: Graph, inputs: dict[str, Any]) -> RunView | None:
        """The run of a request that is sent again; not one that is being written and may not stay."""
        from agentflow.graph import checked

        with self.store.turn:
            if not self.store.exists(id):
                return None
            run = self.store.load(id)
        if not caller.may_see(run) or (run.graph, run.inputs) != (graph.name, checked(graph, inputs)):
            raise Refusal("conflict", f"there is already another run {run.id}", "choose another id")
        return RunView.of(run)

    async def list(self, caller: Caller, query: ListQuery) -> RunList:
        found = self.store.list(
            limit=query.limit, status=query.status, graph=query.graph, requested_by="" if caller.owner else caller.name
        )
        return RunList(runs=[RunView.of(run) for run in found])

    async def show(self, caller: Caller, name: str) -> RunView:
        return RunView.of(self._run(caller, name))

    async def events(
        self, caller: Caller, name: str, query: EventsQuery, last: str, welcome: Callable[[], Awaitable[bool]]
    ) -> Response:
        """Until `welcome` says no."""

        async def goes_on() -> bool:
            return not self.closing and await welcome()

        run = self._run(caller, name)
        if last and not (last.isascii() and last.isdigit() and len(last) < 19):
            raise Refusal("invalid", "Last-Event-ID is no number of an event", "send the id of the last event seen")
        if self.followers >= MOST_FOLLOWERS:
            raise Unavailable(f"{self.followers} clients follow runs already", "try again later")
        follower = Follower(self.store, self.engine.project.state, run.id, after=int(last) if last else query.after)

        async def counted() -> Any:
            self.followers += 1
            try:
                async for piece in events(follower, follow=query.follow, welcome=goes_on):
                    yield piece
            finally:
                self.followers -= 1

        return StreamingResponse(
            counted(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )

    async def report(self, caller: Caller, name: str, query: ReportQuery) -> Response:
        run = self._run(caller, name)
        if not run.output:
            raise Refusal("conflict", f"run {run.id} has handed out nothing yet ({run.status})", "follow it to its end")
        data = await asyncio.to_thread(
            export, self.store, outcome_of(self.store, run), query.format, corpus=self.engine.project.database
        )
        headers = {"Content-Security-Policy": INERT} if query.format == "html" else {}
        return Response(data, media_type=TYPES[query.format], headers=headers)

    async def answer(self, caller: Caller, name: str, body: AnswerBody) -> RunView:
        run = self._run(caller, name)
        if run.question is None or run.finished:
            raise Refusal("conflict", f"run {run.id} asks nothing ({run.status})", "follow its events")
        return await self._again(caller, run, body.answer)

    async def resume(self, caller: Caller, name: str, body: ResumeBody) -> RunView:
        run = self._run(caller, name)
        return await self._again(caller, run, None, Limits(**body.limits.model_dump()).given())

    async def _again(self, caller: Caller, run: Run, answer: Any, limits: dict[str, float] | None = None) -> RunView:
        """The limits change with its state, or not at all."""
        terms = self._terms(caller) if not caller.owner else Terms(most_waiting=self.most_waiting)

        def again() -> Run:
            with self.store.write():
                found = requeue(self.store, run.id, answer=answer, terms=terms)
                if limits:
                    found = self.store.limit(run.id, limits)
                    if most := caller.grants.tokens_a_day:  # of a run that waits as well, which is not queued again
                        hold(self.store, found, caller.name, most)
                return found

        return RunView.of(await self._settled(again))

    async def pause(self, caller: Caller, name: str) -> RunView:
        return await self._ask(caller, name, "pause")

    async def cancel(self, caller: Caller, name: str) -> RunView:
        return await self._ask(caller, name, "cancel")

    async def _ask(self, caller: Caller, name: str, what: str) -> RunView:
        run = self._run(caller, name)
        return RunView.of(await self._settled(lambda: request_stop(self.store, run.id, what)))

    async def fork(self, caller: Caller, name: str, body: ForkBody) -> RunView:
        run = self._run(caller, name)
        graph = await asyncio.to_thread(self.engine.graph_of, run)
        caller.require(graph)
        chosen = self.engine.models.catalog.chosen(body.models, run.models)
        caller.require_models((run.models | chosen).values())
        terms = self._terms(caller)

        def forked() -> Run:
            with self.store.write():
                new = self.engine.register_fork(run.id, body.at, body.models, body.changes)
                return requeue(self.store, new.id, terms=terms)

        return RunView.of(await asyncio.to_thread(forked))

    async def search(self, caller: Caller, body: SearchBody) -> Hits:
        found = await self.engine.search(legible(body.query), k=body.k, sites=caller.grants.sites)
        return Hits(
            hits=[Hit(place=str(p.place), path=p.path, source=p.source, text=p.text, score=p.score) for p in found]
        )

    async def graphs(self, caller: Caller) -> GraphNames:
        names = sorted(self.engine.project.names("graphs"))
        return GraphNames(
            graphs=[name for name in names if caller.grants.graphs is None or name in caller.grants.graphs]
        )

    async def graph(self, caller: Caller, name: str) -> GraphView:
        graph = await asyncio.to_thread(self._graph, name)
        inputs = graph.inputs.model_json_schema()
        return GraphView(name=graph.name, description=graph.description, tools=list(graph.tools), inputs=inputs)

    async def queue(self, caller: Caller) -> QueueView:
        count = "SELECT count(*) FROM runs WHERE status = ?"
        running, dead = (
            self.store.database.execute(count, [status]).fetchone()[0] for status in (RunStatus.RUNNING, RunStatus.DEAD)
        )
        return QueueView(waiting=waiting(self.store), running=running, dead=dead)

    def _graph(self, name: str) -> Graph:
        """By name alone: a path would let a caller run any file."""
        if name not in self.engine.project.names("graphs"):
            raise Refusal(
                "not_found", f"no graph named '{name}'", "`agentflow list` and GET /graphs show what there is"
            )
        return load_graph(self.engine.project, name)

    def _run(self, caller: Caller, name: str) -> Run:
        """By its whole id. Whoever may not see it does not learn that it is there."""
        run = self.store.load(name) if self.store.exists(name) else None
        if run is None or not caller.may_see(run):
            raise Refusal("not_found", f"no run {name}"[:200], "see GET /runs")
        return run

    def _terms(self, caller: Caller, **more: Any) -> Terms:
        grants = caller.grants
        return Terms(
            requested_by=caller.name, most_waiting=self.most_waiting, most_own=grants.runs,
            tokens_a_day=grants.tokens_a_day, sites=grants.sites, **more,
        )  # fmt: skip

    async def _settled(self, work: Callable[[], Value]) -> Value:
        """What the run's state does not allow is a conflict."""
        try:
            return await asyncio.to_thread(work)
        except (Unavailable, StoreFailed):
            raise
        except AgentflowError as error:
            raise Refusal("conflict", error.message, error.hint) from error
