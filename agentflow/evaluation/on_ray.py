"""Cases run and scored by processes that Ray places.

Each has the project's files, and a workspace of its machine where the corpus is read in and runs are journaled; the results are
kept here. A case whose process is lost is given to another: on the same machine its run goes on where the journal ends.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.cluster import Hosts
from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.evaluation.layout import Choices, lay_out
from agentflow.evaluation.record import Key, Record, Records
from agentflow.evaluation.runner import Measure, OpenBench, PlannedRun, Runner, read_corpus
from agentflow.project import Project


@dataclass(frozen=True, slots=True)
class CaseOrders:
    """`same` is the digest of all that must be the same there as here."""

    root: Path
    suite: str
    choices: Choices
    evaluation: str
    plan: str
    same: str


class CaseHost:
    """The actor."""

    def __init__(self, orders: CaseOrders, models: dict[str, str]) -> None:
        self.orders = orders
        self.models = models
        self.items: dict[Key, PlannedRun] = {}
        self.runner: Runner
        self.engine: Engine

    async def measure(self, key: Key) -> Record:
        if not self.items:
            await self._open()
        return await self.runner.measure(self.items[key], self.engine)

    async def _open(self) -> None:
        orders = self.orders
        project = Project.open(orders.root)
        layout = lay_out(project, orders.suite, orders.choices)
        if layout.digest(project, with_weights=False) != orders.same:
            raise AgentflowError(
                f"{orders.root} on {socket.gethostname()} holds another suite, graph, prompt or models.yaml",
                "give every machine of the cluster the same files",
            )
        self.runner = layout.runner(orders.evaluation, orders.plan, Records(Path()), orders.choices)
        self.engine = await Engine(layout.place, models=self.models).__aenter__()
        if layout.corpus is not None:
            await read_corpus(self.engine, layout.corpus, embed=orders.choices.embed, sink=self.runner.sink)
        self.items = {key_of(item): item for item in layout.items}


def bench_on_ray(orders: CaseOrders) -> OpenBench:
    @asynccontextmanager
    async def bench(models: dict[str, str]) -> AsyncIterator[Measure]:
        hosts = Hosts(CaseHost, orders.choices.jobs, orders, models)

        async def measure(item: PlannedRun) -> Record:
            found: Any = await hosts.ask("measure", key_of(item))
            assert isinstance(found, Record)
            return found

        try:
            yield measure
        finally:
            hosts.close()

    return bench


def key_of(item: PlannedRun) -> Key:
    return (item.variant.name, item.case.id, item.repeat)
