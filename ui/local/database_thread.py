"""One thread for everything that reads the database, so that the screen never waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from agentflow.corpus.store import Corpus
    from agentflow.project import Project
    from agentflow.runs.store import RunStore

Value = TypeVar("Value")


class Desk:
    """Opens project, store and corpus when first asked, in its own thread; a project without a database has neither."""

    def __init__(self, project: Path | None) -> None:
        self.asked = project
        self.thread = ThreadPoolExecutor(1, "agentflow-desk")
        self._project: Project | None = None
        self._store: RunStore | None = None
        self._corpus: Corpus | None = None

    async def do(self, work: Callable[[], Value]) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    @property
    def project(self) -> "Project":
        if self._project is None:
            from agentflow.project import Project

            self._project = Project.open(self.asked)
        return self._project

    def store(self) -> "RunStore | None":
        if self._store is None and self.project.has_store:
            from agentflow.runs.store import RunStore

            self._store = RunStore(self.project.store)
        return self._store

    def corpus(self) -> "Corpus | None":
        if self._corpus is None and self.project.database.exists():
            from agentflow.corpus.store import Corpus

            self._corpus = Corpus.open(self.project.database)
        return self._corpus

    def close(self) -> None:
        for part in (self._store, self._corpus):
            if part is not None:
                self.thread.submit(part.close)
        self.thread.shutdown()
