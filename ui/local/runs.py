"""Runs: listed and followed in the database, started in their own processes."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.errors import AgentflowError
from agentflow.events import Event
from agentflow.status import GOES_ON, RunStatus

from ..backend import Ask, RunResult, RunRow
from .database_thread import Desk
from .run_process import RunProcess

if TYPE_CHECKING:
    from agentflow.runs.follow import Follower
    from agentflow.runs.run import Run
    from agentflow.runs.store import RunStore

PAUSE = 0.08  # seconds between looks at the feed


class LocalRuns:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.processes: dict[str, RunProcess] = {}

    async def recent(self, most: int = 50) -> list[RunRow]:
        def read() -> list[RunRow]:
            from agentflow.runs.leases import state_of

            store = self.desk.store()
            return [_row(run, state_of(run)) for run in store.list(limit=most)] if store else []

        return await self.desk.do(read)

    async def start(self, ask: Ask) -> str:
        run = await self.desk.do(self._new_id)
        limits = asdict(ask.limits)
        await self._launch(
            run, {"do": "run", "graph": ask.graph, "inputs": ask.inputs, "limits": limits, "models": ask.models}
        )
        return run

    async def resume(self, run: str, answer: Any = None) -> None:
        await self._launch(run, {"do": "resume", "answer": answer, "models": {}})

    async def fork(self, run: str, step: str) -> str:
        forked = await self.desk.do(self._new_id)
        await self._launch(forked, {"do": "fork", "from": run, "at": step, "models": {}})
        return forked

    async def follow_up(self, run: str, question: str) -> str:
        """Another question behind a finished research run's: a run of its own, on the same documents."""
        new = await self.desk.do(self._new_id)
        await self._launch(new, {"do": "follow up", "from": run, "question": question, "models": {}})
        return new

    async def _launch(self, run: str, job: dict[str, Any]) -> None:
        def launch() -> RunProcess:
            project = self.desk.project
            return RunProcess(project.state / "live", {**job, "run": run, "project": str(project.root)})

        self.processes[run] = await self.desk.do(launch)

    async def follow(self, run: str) -> AsyncIterator[list[Event]]:
        """Ends when the run's process has; a run of another process is followed until the catalog says that it ended."""
        follower: Follower | None = None
        while True:
            process = self.processes.get(run)
            alive = process is not None and process.alive
            follower = follower or await self.desk.do(lambda: self._follower(run))
            entries, text, state = await self.desk.do(follower.news) if follower else ([], [], None)
            if events := [*(entry.event for entry in entries), *text]:
                yield events
            elif not alive and state not in GOES_ON:
                if process is not None:
                    process.raise_error()
                if state is RunStatus.INTERRUPTED:
                    raise AgentflowError(
                        "the process of this run is gone", "press r to go on: what is finished is kept"
                    )
                if state is None:
                    raise AgentflowError(f"no run {run}", "see the list of runs")
                return
            await asyncio.sleep(PAUSE)

    def _follower(self, run: str) -> "Follower | None":
        """None while the project has no database."""
        from agentflow.runs.follow import Follower

        store = self.desk.store()
        return Follower(store, self.desk.project.state, run) if store else None

    async def result(self, run: str) -> RunResult:
        def read() -> RunResult:
            store, found = self._find(run)
            if not found.output and not found.finished:
                raise AgentflowError(f"run {found.id} has handed out nothing yet ({found.status})", "wait for its end")
            return _result(store, found)

        return await self.desk.do(read)

    async def export(self, run: str, path: Path) -> Path:
        """Markdown, or by its suffix HTML, Word, PDF or the plain JSON output."""
        result = await self.result(run)

        def write() -> Path:
            from agentflow.export.formats import document, form_of
            from agentflow.storage.handed_out import hand_out

            if path.suffix == ".json":
                data = json.dumps(result.output, ensure_ascii=False, indent=2).encode()
            else:
                title = str(result.output.get("question") or f"Run {run}")
                data = document(result.markdown, title, form_of(path.name))
            hand_out(path, data, self.desk.project.state)
            return path

        return await self.desk.do(write)

    async def pause(self, run: str) -> None:
        await self.desk.do(lambda: self._ask(run, "pause"))

    async def cancel(self, run: str) -> None:
        await self.desk.do(lambda: self._ask(run, "cancel"))

    def _ask(self, run: str, what: str) -> None:
        """A run that has ended meanwhile stays as it is."""
        from agentflow.runs.control import request_stop

        store, found = self._find(run)
        if not found.finished:
            request_stop(store, found.id, what)

    def _new_id(self) -> str:
        from agentflow.runs.store import new_id

        store = self.desk.store()
        return store.free_id() if store else new_id()

    def _find(self, run: str) -> "tuple[RunStore, Run]":
        store = self.desk.store()
        if store is None:
            raise AgentflowError(f"no run {run}: this project has none yet", "ask a question first")
        return store, store.find(run)


def _row(run: "Run", state: RunStatus) -> RunRow:
    status = RunStatus.FAILED if state is RunStatus.INTERRUPTED else state
    seconds, tokens = run.spent.get("seconds", 0.0), int(run.spent.get("tokens", 0))
    return RunRow(run.id, run.graph, run.title, status, run.created, seconds, tokens)


def _result(store: "RunStore", run: "Run") -> RunResult:
    """With the research report as rendered by the engine; any other output value by value."""
    from agentflow.export.output import output_markdown
    from agentflow.research.report.markdown import render
    from agentflow.research.report.of_run import report_of
    from agentflow.runs.outcome import outcome_of

    outcome = outcome_of(store, run)
    report = report_of(outcome)
    markdown = render(report) if report else output_markdown(run.output)
    return RunResult(
        run.id, run.graph, run.status, run.output, markdown, outcome.message, outcome.seconds, outcome.model
    )
