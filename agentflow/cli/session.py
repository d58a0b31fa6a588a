"""One run from the command line: documents first, then the graph, drawn live, approved by the person at the terminal."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from agentflow.budget import Limits
from agentflow.cli.asking import ask_person
from agentflow.cli.filter_options import require_fitting
from agentflow.cli.live import LiveView
from agentflow.cli.terminal import Terminal
from agentflow.corpus.filter import Filter
from agentflow.engine import Engine, Outcome
from agentflow.errors import AgentflowError
from agentflow.events import Sink, ignore
from agentflow.export.collector import tracing
from agentflow.project import Project
from agentflow.runs.signals import stoppable
from agentflow.status import SUCCESSFUL, RunStatus

EXIT_CODES = {**dict.fromkeys(SUCCESSFUL, 0), RunStatus.PAUSED: 3}


def exit_code(status: RunStatus) -> int:
    """0 for a run that came to its end, 3 for one that waits, 1 for any other."""
    return EXIT_CODES.get(status, 1)


@asynccontextmanager
async def opened(
    project: Project | Path | None, *, models: dict[str, str] | None = None, sink: Sink = ignore
) -> AsyncIterator[Engine]:
    """A project's engine; a signal pauses its runs and leaves as Stopped."""
    found = project if isinstance(project, Project) else Project.open(project)
    with tracing(found.root) as let_go:
        async with Engine(found, models=models, sink=sink, let_go=let_go) as engine, stoppable(engine):
            yield engine


async def carry(
    engine: Engine, start: Awaitable[Outcome], view: AbstractContextManager[object] | None = None
) -> Outcome:
    """The run that `start` begins, drawn by `view`; a person at the terminal is asked when it needs one."""
    drawn = view or nullcontext()
    with drawn:
        outcome = await start
    while outcome.question and sys.stdin.isatty():
        answer = ask_person(outcome.question)
        with drawn:
            outcome = await engine.resume(outcome.run, answer=answer if len(answer) > 1 else answer[0])
    return outcome


async def run_live(
    project: Path | None, start: Callable[[Engine], Awaitable[Outcome]], *, models: dict[str, str]
) -> Outcome:
    """A run in an engine of its own."""
    view = LiveView(Terminal(stderr=True))
    async with opened(project, models=models, sink=view) as engine:
        return await carry(engine, start(engine), view)


async def read(engine: Engine, docs: Sequence[Path]) -> None:
    """Ingests what is new in `docs`."""
    if docs:
        await engine.ingest(docs)


async def run_session(
    project: Path | None, graph: str, inputs: dict[str, Any], *, docs: Sequence[Path], models: dict[str, str],
    limits: Limits, where: Filter | None = None,
) -> Outcome:  # fmt: skip
    """Ingests what is new in `docs`, then runs the graph."""

    web = graph == "research" and bool(inputs.get("web"))

    async def start(engine: Engine) -> Outcome:
        if web:
            from agentflow.web.reading import ready

            ready(engine.project)
        await read(engine, docs)
        if graph == "research" and not web and not engine.sites and not engine.corpus.documents():
            raise AgentflowError(
                f"the corpus of {engine.project.root} has no documents",
                "add some: --docs FOLDER, or agentflow ingest FOLDER",
            )
        if graph == "research" and not web and not engine.sites:
            require_fitting(engine.corpus, where)
        return await engine.run(graph, inputs, limits=limits, docs=docs, where=where)

    return await run_live(project, start, models=models)
