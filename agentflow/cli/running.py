"""One run from the command line: documents first, then the graph, drawn live, approved by the person at the terminal."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.budget import LIMITS, Limits
from agentflow.cli.options import parse_pairs
from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow.corpus.filter import Filter
    from agentflow.engine import Engine, Outcome


def limits_from(options: list[str] | None) -> Limits:
    """`tokens=20000` and the like. Raises AgentflowError for an unknown resource or a value that is no number."""
    values: dict[str, Any] = {}
    for name, text in parse_pairs(options, "--budget").items():
        if name not in LIMITS:
            raise AgentflowError(f"no budget named '{name}'", f"known: {', '.join(LIMITS)}")
        try:
            values[name] = float(text) if name.endswith("seconds") else int(text)
        except ValueError:
            raise AgentflowError(
                f"--budget {name}={text} is not a number", f"for example --budget {name}=1000"
            ) from None
    return Limits(**values)


async def run_session(
    project: Path | None,
    graph: str,
    inputs: dict[str, Any],
    *,
    docs: Sequence[Path],
    models: dict[str, str],
    limits: Limits,
    where: "Filter | None" = None,
) -> "Outcome":
    """Ingests what is new in `docs`, then runs the graph."""

    web = graph == "research" and bool(inputs.get("web"))

    async def start(engine: "Engine") -> "Outcome":
        if web:
            from agentflow.web.reading import ready

            ready(engine.project)
        if docs:
            await engine.ingest(docs)
        if graph == "research" and not web and not engine.corpus.documents():
            raise AgentflowError(
                f"the corpus of {engine.project.root} has no documents",
                "add some: --docs FOLDER, or agentflow ingest FOLDER",
            )
        return await engine.run(graph, inputs, limits=limits, docs=docs, where=where)

    return await carry(project, start, models=models)


async def carry(
    project: Path | None, start: "Callable[[Engine], Awaitable[Outcome]]", *, models: dict[str, str]
) -> "Outcome":
    """One run drawn live; a person at the terminal is asked when it needs one."""
    import sys

    from agentflow.cli.asking import ask_person
    from agentflow.cli.live import LiveView
    from agentflow.cli.terminal import Terminal
    from agentflow.engine import Engine
    from agentflow.project import Project
    from agentflow.runs.signals import stoppable

    view = LiveView(Terminal(stderr=True))
    async with Engine(Project.open(project), models=models, sink=view) as engine, stoppable(engine):
        with view:
            outcome = await start(engine)
        while outcome.question and sys.stdin.isatty():
            answer = ask_person(outcome.question)
            with view:
                outcome = await engine.resume(outcome.run, answer=answer if len(answer) > 1 else answer[0])
        return outcome
