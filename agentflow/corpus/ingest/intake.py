"""For a tool that reads documents into the corpus in the middle of a run."""

import asyncio
from types import TracebackType
from typing import Self

from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.parsing.parser import Parser


class Intake:
    """One child process parses for all runs of an engine, one document at a time; it starts with the first."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.parser = Parser()
        self.turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.parser.__aexit__(kind, error, trace)
