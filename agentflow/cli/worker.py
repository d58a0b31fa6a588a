"""`agentflow worker`: carries the runs of the queue."""

from typing import Annotated, Any

import typer

from agentflow.cli.options import JsonLinesOption, OnOption, ProjectOption
from agentflow.cli.output import json_text, say
from agentflow.runs.queue import LEASE


def worker(
    slots: Annotated[int, typer.Option(min=1, max=256, help="Runs at once, each in its own process.")] = 1,
    graph: Annotated[
        list[str] | None, typer.Option("--graph", "-g", help="Carry only runs of this graph. Repeatable.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="Carry only runs whose models are all named. Repeatable.")
    ] = None,
    lease: Annotated[
        float, typer.Option(min=0.5, help="Seconds without a sign of life until another worker takes over.")
    ] = LEASE,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that runs may still take after SIGTERM.")] = 20.0,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when nothing waits or runs any more.")
    ] = False,
    metrics: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Serve Prometheus metrics on this port of this machine; 0 takes a free one."
        ),
    ] = None,
    on: OnOption = "here",
    project: ProjectOption = None,
    json: JsonLinesOption = False,
) -> None:
    """Carry the runs of the queue until Ctrl-C or SIGTERM; what is not done by then waits for the next worker."""
    import asyncio
    import signal
    from contextlib import ExitStack

    from agentflow.project import Project
    from agentflow.runs.store import RunStore
    from agentflow.worker.config import WorkerConfig
    from agentflow.worker.metrics import WorkerMetrics, served
    from agentflow.worker.slot_process import StartSlot, start_here
    from agentflow.worker.supervisor import Supervisor

    opened = Project.open(project)
    for name in graph or []:
        opened.find("graphs", name)
    RunStore(opened.store).close()  # a store that is not there is told at once; one that goes away later is waited for
    config = WorkerConfig(
        project=opened.root, graphs=graph or [], models=model or [], lease=lease, grace=grace, until_empty=until_empty
    )

    start: StartSlot = start_here
    if on == "ray":
        from agentflow.worker.on_ray import start_on_ray

        start = start_on_ray()

    def tell(facts: dict[str, Any]) -> None:
        if text := json_text(facts) if json else line_of(facts):
            say(text)

    counted = WorkerMetrics(tell)

    async def work() -> None:
        supervisor = Supervisor(config, slots, counted.tell, start)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, supervisor.stop)
        await supervisor.run()

    with ExitStack() as stack:
        if metrics is not None:
            tell({"said": "metrics", "url": stack.enter_context(served(counted, slots, metrics))})
        asyncio.run(work())


def line_of(facts: dict[str, Any]) -> str:
    """One line for a person; empty for what only programs want."""
    run = facts.get("run", "")
    match facts["said"]:
        case "metrics":
            return f"metrics at {facts['url']}"
        case "claimed":
            again = f", attempt {facts['attempt']}" if facts["attempt"] > 1 else ""
            return f"{run}: {facts['graph']}, waited {facts['waited']:.1f} s{again}"
        case "ended":
            message = f" ({facts['message']})" if facts["message"] else ""
            return f"{run}: {facts['status']} after {facts['seconds']:.1f} s{message}"
        case "failed" | "lost":
            return f"{run}: {facts['said']}: {facts['message']}"
        case "recovered":
            return f"{run}: taken back from a worker that is gone"
        case "away":
            return f"waiting for the runs' database: {facts['message']}"
        case "hung":
            return f"a run blocked its process for {facts['seconds']} s; it starts again"
        case "gone":
            return f"the process {facts['pid']} of a slot ended ({facts['code']}); it is started again"
    return ""
