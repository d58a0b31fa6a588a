"""Documents: read from the database, added and searched by the worker."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.events import Event

from ..backend import DocumentRow, FoundPassage
from .database_thread import Desk
from .worker_client import Child


class LocalDocuments:
    def __init__(self, desk: Desk, child: Child) -> None:
        self.desk = desk
        self.child = child

    async def all(self) -> list[DocumentRow]:
        def read() -> list[DocumentRow]:
            corpus = self.desk.corpus()
            return [
                DocumentRow(item.id, item.path, item.title, item.kind, item.date, item.bytes, item.chunks, item.error)
                for item in (corpus.documents() if corpus else [])
            ]

        return await self.desk.do(read)

    async def text(self, path: str) -> str:
        def read() -> str:
            corpus = self.desk.corpus()
            if corpus is None:
                raise AgentflowError(f"no document '{path}': nothing was added yet", "add documents first")
            return corpus.text(corpus.document(path).id)

        return await self.desk.do(read)

    async def file(self, path: str) -> Path:
        def find() -> Path:
            corpus = self.desk.corpus()
            return corpus.file(corpus.document(path)) if corpus else self.desk.project.root / path

        return await self.desk.do(find)

    async def add(self, paths: Sequence[Path]) -> AsyncIterator[Event]:
        async for event in self.child.watch("ingest", paths=[str(path.absolute()) for path in paths]):
            yield event

    async def remove(self, path: str) -> None:
        await self.child.ask("remove", path=path)

    async def watch(self) -> AsyncIterator[Event]:
        async for event in self.child.watch("watch"):
            yield event

    async def unwatch(self) -> None:
        await self.child.ask("unwatch")

    async def search(self, query: str, most: int = 12) -> list[FoundPassage]:
        found = await self.child.ask("search", query=query, most=most)
        return [FoundPassage(**{**hit, "terms": tuple(hit["terms"])}) for hit in found]
