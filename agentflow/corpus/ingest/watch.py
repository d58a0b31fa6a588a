"""Folders kept in step with the corpus: words at once, vectors behind them, until it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agentflow.corpus.files.changes import Changes
from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.ingest.embedding import embed_pending
from agentflow.corpus.ingest.ingest import IngestReport, read_files, read_scans
from agentflow.corpus.ingest.lock import writer_turn
from agentflow.corpus.ingest.scans import recognise_waiting
from agentflow.corpus.ingest.write import tidy_vectors
from agentflow.corpus.parsing.parser import Parser
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.events import DocumentsRead, Note, Sink, ignore

RETRY = 30.0  # seconds after trouble that may pass: a full disk, an embedder that does not start


class Watch:
    """`run` keeps `roots` (absolute paths; those that were ever ingested, without any) up to date. The writer's lock is
    held for one batch of changes at a time: an ingest, a search or a run beside it only waits for that."""

    def __init__(
        self, corpus: Corpus, roots: Sequence[Path] = (), *, embedder: Embedder | None = None, sink: Sink = ignore
    ) -> None:
        self.corpus = corpus
        self.roots = list(roots) or [corpus.file_of(path) for (path,) in corpus.rows("SELECT path FROM corpus_roots")]
        self.embedder = embedder
        self.sink = sink
        self.changes = Changes(self.roots, corpus.path.parent, sink=sink)
        self.missing: set[Path] = set()
        self.links: frozenset[Path] = frozenset()
        self._waiting = asyncio.Event()
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Ends only when it is cancelled. Raises AgentflowError when there is nothing to watch."""
        if not self.roots:
            raise AgentflowError("no folder to watch: nothing was ingested yet", "name one: agentflow watch FOLDER")
        behind = asyncio.create_task(self._follow())
        try:
            async with Parser() as parser:
                async for changed in self.changes:
                    await self._read(changed, parser)
                    if behind.done():
                        behind.result()
        finally:
            behind.cancel()
            await asyncio.gather(behind, return_exceptions=True)

    async def _read(self, changed: frozenset[Path] | None, parser: Parser) -> None:
        """One batch. A root that is not there keeps its documents: a drive may only be unplugged."""
        there = [root for root in self.roots if root.exists()]
        self._tell_missing({*self.roots} - {*there})
        try:
            async with self.turn():
                only = None if changed is None else changed | self.links
                report = await read_files(self.corpus, there, parser, only=only)
                if changed is None and self.embedder is not None:
                    tidy_vectors(self.corpus)
        except AgentflowError as error:
            self.sink(Note(text=f"{error.message}; {error.hint}", level="warning"))
            self.changes.again(RETRY)
            return
        if changed is None:
            self.links = frozenset(report.links)
        else:
            self.links |= {*report.links}
        self._waiting.set()
        if changed is None or report.added or report.changed or report.removed:
            self.sink(event_of(report))

    def _tell_missing(self, missing: set[Path]) -> None:
        for root in sorted(missing - self.missing):
            self.sink(Note(text=f"{root} is not there: its documents stay until it comes back", level="warning"))
        self.missing = missing

    async def _follow(self) -> None:
        """Behind the words: scanned pages, then vectors."""
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            try:
                if recognised := await recognise_waiting(self.corpus, self.sink, self.turn):
                    report = IngestReport()
                    async with Parser() as parser, self.turn():
                        await read_scans(self.corpus, recognised, parser, report)
                    self.sink(event_of(report))
                if self.embedder is not None:
                    await embed_pending(self.corpus, self.embedder, self.sink, self.turn)
            except AgentflowError as error:
                self.sink(Note(text=f"{error.message}; {error.hint}", level="warning"))
            if self.embedder is not None and self.corpus.waiting():
                await asyncio.sleep(RETRY)
                self._waiting.set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The writer's lock, for one task of this watch at a time."""
        async with self._turn, writer_turn(self.corpus.path, self.sink):
            yield


def event_of(report: IngestReport) -> DocumentsRead:
    return DocumentsRead(
        added=report.added, changed=report.changed, removed=report.removed, failed=[path for path, _ in report.failed],
        unchanged=len(report.unchanged), passages=report.chunks, seconds=round(report.seconds, 3),
    )  # fmt: skip
