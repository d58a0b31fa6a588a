"""The loop of `agentflow schedule run`, and how a schedule is made from its options."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from agentflow.budget import Limits
from agentflow.cli.options import parse_limits
from agentflow.cli.output import say
from agentflow.cli.session import opened as opened_engine
from agentflow.cli.workflow_run import read_inputs
from agentflow.errors import AgentflowError
from agentflow.graph import checked
from agentflow.graphs import load_graph
from agentflow.project import Project
from agentflow.runs.store import RunStore
from agentflow.schedule.scheduler import JobScheduler
from agentflow.schedule.store import Schedule, ScheduleStore
from agentflow.schedule.timing import check, due_after, local_zone
from agentflow.toolbox.settings import load_settings

LOOK = 30.0  # seconds between two looks at folders and the clock


def opened(project: Path | None) -> ScheduleStore:
    return ScheduleStore(Project.open(project).store)


def added(
    project: Path | None, question: str | None, workflow: str | None, given: list[str], timing: tuple[str, str],
    zone: str | None, docs: Sequence[Path], told: dict[str, str], models: dict[str, str], budget: list[str] | None,
    *, web: bool,
) -> Schedule:  # fmt: skip
    """Raises AgentflowError for what could not run later: times, inputs, folders, the web's settings."""
    place = Project.open(project)
    kind, spec = timing
    zone = zone or local_zone()
    check(kind, spec, zone)
    graph = load_graph(place, workflow or "research")
    named = {"question": question, "web": web} if question else read_inputs(graph.inputs, given)
    inputs = checked(graph, named)
    if missing := next((path for path in docs if not path.exists()), None):
        raise AgentflowError(f"no such file or folder: {missing}", "name what is there")
    if web:
        from agentflow.web.reading import ready

        ready(place)
    if told["webhook"]:
        _allowed(told["webhook"], load_settings(place).network.hosts)
    now = time.time()
    due = due_after(kind, spec, zone, now, now) if kind == "cron" else now if kind == "every" else None
    with ScheduleStore(place.store) as store:
        return store.add(
            graph=workflow or "research", inputs=inputs, docs=[str(path.absolute()) for path in docs], models=models,
            limits=parse_limits(budget).given(), told=told,
            kind=kind, spec=spec, zone=zone, created=now, due=due,
        )  # fmt: skip


def _allowed(url: str, hosts: tuple[str, ...]) -> None:
    from fnmatch import fnmatchcase
    from urllib.parse import urlsplit

    host = urlsplit(url).hostname or ""
    if not any(fnmatchcase(host, pattern) for pattern in hosts):
        raise AgentflowError(
            f"tools.yaml does not allow the host '{host}' of the webhook", f"network: {{hosts: [{host}]}}"
        )


async def carry_on(project: Path | None, *, once: bool) -> None:
    """Raises AgentflowError while another process runs this project's schedules."""
    from filelock import FileLock, Timeout

    place = Project.open(project)
    place.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            FileLock(place.state / "schedule.lock", timeout=0),
            ScheduleStore(place.store) as store,
            closing(RunStore(place.store)) as runs,
        ):
            await _turns(place, store, runs, once=once)
    except Timeout:
        raise AgentflowError(
            f"another process runs the schedules of {place.root}", "stop it, or leave the work to it"
        ) from None


async def _turns(place: Project, store: ScheduleStore, runs: RunStore, *, once: bool) -> None:
    async def perform(schedule: Schedule, run: str) -> None:
        await carry_out(place, schedule, run, known=runs.exists(run))

    scheduler = JobScheduler(
        store, runs, perform, state=place.state, hosts=load_settings(place).network.hosts, say=say,
        warn=lambda text: say(text, err=True),
    )  # fmt: skip
    if not once:
        say(f"{len(store.all())} schedules of {place.root}; Ctrl-C ends, and the next start goes on", err=True)
    while True:
        await scheduler.turn()
        if once:
            return
        due = scheduler.next_due()
        await asyncio.sleep(min(LOOK, max(1.0, due - time.time())) if due is not None else LOOK)


async def carry_out(place: Project, schedule: Schedule, run: str, *, known: bool) -> None:
    """One run to its end; one that was begun before goes on."""
    docs = [Path(path) for path in schedule.docs]
    async with opened_engine(place, models=schedule.models) as engine:
        if known:
            await engine.resume(run)
            return
        if docs:
            await engine.ingest(docs)
        limits: dict[str, Any] = schedule.limits
        await engine.run(schedule.graph, schedule.inputs, limits=Limits(**limits), run_id=run, docs=docs)
