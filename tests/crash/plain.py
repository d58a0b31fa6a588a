"""The same research graph on LangGraph and its AsyncSqliteSaver alone: what the journal is measured against."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agentflow.context import Context
from agentflow.corpus.quote_store import QuoteStore
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.events import ignore
from agentflow.graph import Graph
from agentflow.graphs import load_graph
from agentflow.project import Project
from agentflow.runs.capture import EventCapture
from agentflow.runs.journal import Journal
from agentflow.runs.outcome import Outcome
from agentflow.toolbox import Toolbox
from agentflow.usage import Usage
from tests.crash.harness import Victim, fingerprint


class NoJournal:
    def __init__(self) -> None:
        self.events = EventCapture(ignore)

    async def call(self, kind: str, name: str, request: Any, perform: Any, *, once: bool = False) -> tuple[Any, bool]:
        return await perform(), False

    def batch(self, *_: Any) -> "NoBatch":
        return NoBatch()


class NoBatch:
    def kept(self, count: int) -> dict[int, Any]:
        return {}

    def keep(self, place: int, answer: Any) -> None: ...

    def close(self) -> None: ...


@asynccontextmanager
async def open_plain(project: Project, models: Any, database: Path, graph: str) -> AsyncIterator["Plain"]:
    corpus, quotes = Corpus.open(project.database), QuoteStore(project.database)
    try:
        async with AsyncSqliteSaver.from_conn_string(str(database)) as saver:
            await saver.setup()
            yield Plain(project, models, corpus, quotes, saver, load_graph(project, graph))
    finally:
        quotes.close()
        corpus.close()


@dataclass(slots=True)
class Plain:
    project: Project
    models: Any
    corpus: Corpus
    quotes: QuoteStore
    saver: AsyncSqliteSaver
    graph: Graph

    async def run(self, run: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Starts or goes on; the final state."""
        context = Context(
            run=run,
            project=self.project,
            corpus=self.corpus,
            quotes=self.quotes,
            searcher=HybridSearcher(self.corpus, None),
            models=self.models,
            tools=Toolbox(self.project, self.graph.tools),
            load_graph=load_graph,
            journal=cast(Journal, NoJournal()),
        )
        config: RunnableConfig = {"configurable": {"thread_id": run}}
        given = self.graph.inputs.model_validate(inputs).model_dump(mode="json")
        compiled = self.graph.builder.compile(checkpointer=self.saver)
        known = await self.saver.aget_tuple(config)
        state = await compiled.ainvoke(cast(Any, None if known else given), config, context=context, durability="sync")
        return dict(state)


class PlainVictim(Victim):
    async def work(self, answer: Any = None) -> Outcome:
        database = self.root / "plain.db"
        async with self.models() as models, open_plain(Project(self.root), models, database, self.graph) as plain:
            state = await plain.run(self.run, self.inputs)
        whole = {"status": state["status"], "output": state["output"]}
        (self.root / f"plain-{self.run}.json").write_text(json.dumps(whole))
        return Outcome(self.run, state["status"], state["output"], Usage(), 0.0, "")

    def journaled(self) -> set[tuple[str, str]]:
        """Without a journal, whatever was asked before may have been finished: the steps of finished supersteps are
        kept by the checkpoint, so what comes again was lost."""
        return set()

    def outcome(self) -> tuple[str, str]:
        path = self.root / f"plain-{self.run}.json"
        if not path.exists():
            return "running", ""
        state = json.loads(path.read_text())
        return state["status"], fingerprint(json.dumps(state["output"], sort_keys=True))
