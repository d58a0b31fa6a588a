"""The jobs of the worker, by name. The engine is opened when first needed and kept, so that its servers stay warm."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.events import Event, Sink
from agentflow.project import Project

if TYPE_CHECKING:
    from agentflow.engine import Engine


class Jobs:
    def __init__(self, project: Project, stack: AsyncExitStack) -> None:
        self.project = project
        self.stack = stack
        self.opening = asyncio.Lock()
        self.engine: Engine | None = None
        self.sinks: list[Sink] = []
        self.watching: asyncio.Task[None] | None = None

    async def call(self, name: str, sink: Sink, arguments: dict[str, Any]) -> Any:
        """Plain JSON. While it runs, `sink` gets what the engine sends."""
        self.sinks.append(sink)
        try:
            return await getattr(self, f"do_{name}")(sink, **arguments)
        finally:
            self.sinks.remove(sink)

    async def open(self) -> "Engine":
        async with self.opening:
            if self.engine is None:
                from agentflow.engine import Engine

                self.engine = await self.stack.enter_async_context(Engine(self.project, sink=self._send))
        return self.engine

    def _send(self, event: Event) -> None:
        for sink in self.sinks:
            sink(event)

    async def do_ingest(self, sink: Sink, paths: list[str]) -> None:
        await (await self.open()).ingest([Path(path) for path in paths])

    async def do_remove(self, sink: Sink, path: str) -> None:
        from agentflow.corpus.ingest.lock import writer_turn
        from agentflow.corpus.ingest.write import remove_documents

        corpus = (await self.open()).corpus
        async with writer_turn(corpus.path, sink):
            remove_documents(corpus, [path])

    async def do_watch(self, sink: Sink) -> None:
        """Until `unwatch`."""
        from agentflow.corpus.ingest.watch import Watch

        engine = await self.open()
        await self.do_unwatch(sink)
        watching = asyncio.create_task(Watch(engine.corpus, embedder=engine.embedder, sink=sink).run())
        self.watching = watching
        try:
            await asyncio.wait([watching])
            if not watching.cancelled():
                watching.result()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def do_unwatch(self, sink: Sink) -> None:
        if self.watching is not None:
            self.watching.cancel()
            await asyncio.gather(self.watching, return_exceptions=True)

    async def do_search(self, sink: Sink, query: str, most: int) -> list[dict[str, Any]]:
        from agentflow.corpus.filter import Filter

        words, where = Filter.of_query(query)
        found = await (await self.open()).search(words, k=most, where=where)
        return [
            {"path": hit.path, "title": hit.source, "place": str(hit.place), "text": hit.text, "terms": hit.terms}
            for hit in found
        ]

    async def do_start(self, sink: Sink, name: str) -> None:
        from agentflow.models.servers.admin import start

        await start((await self.open()).models.catalog.resolve(name), sink)

    async def do_speed(self, sink: Sink, name: str) -> list[str]:
        from agentflow.models.smoke_test import trial

        report = await trial((await self.open()).models.catalog, name, sink)
        checks = [
            f"{row['check']}: {row['error'] or row['found']} ({row['seconds']:.2f} s)" for row in report["checks"]
        ]
        return [f"{report['server']}, window {report['window']:,} tokens, ready after {report['ready_s']} s", *checks]

    async def do_graph(self, sink: Sink, name: str) -> dict[str, Any]:
        """Nodes in the order they were added, edges that may be taken, inputs as JSON schema."""
        from agentflow.graphs import load_graph

        graph = await asyncio.to_thread(load_graph, self.project, name)
        drawn = graph.builder.compile().get_graph()
        nodes = [node for node in graph.builder.nodes if not node.startswith("__")]
        edges = [(edge.source, edge.target) for edge in drawn.edges if edge.source in nodes and edge.target in nodes]
        return {"nodes": nodes, "edges": edges, "inputs": graph.inputs.model_json_schema()}
