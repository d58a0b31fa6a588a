"""A project of tiny runs, and slots of a worker as forked processes that a test kills, stops and wakes."""

import asyncio
import json
import os
import signal
import sqlite3
import textwrap
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from agentflow.engine import Engine
from agentflow.errors import StoreFailed
from agentflow.project import Project
from agentflow.runs.calls import calls
from agentflow.runs.queue import Terms
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.worker.config import WorkerConfig
from agentflow.worker.slot import main
from tests.crash.harness import fork
from tests.postgres import place_of

GRAPH = '''
"""Some marks, one after the other; then it may do harm."""
import os
import time
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt
from pydantic import BaseModel

from agentflow.context import Context

ROLES = ()
TOOLS = ("mark",)


class Inputs(BaseModel):
    topic: str = "rivers"
    marks: int = 3
    seconds: float = 0.02
    harm: str = ""


class State(TypedDict, total=False):
    topic: str
    marks: int
    seconds: float
    harm: str
    done: int
    said: str
    output: dict
    status: str


async def one(state: State, runtime: Runtime[Context]) -> dict:
    done = state.get("done", 0) + 1
    await runtime.context.call_tool("mark", {"text": f"{state['topic']} {done}", "seconds": state["seconds"]})
    return {"done": done}


async def last(state: State) -> dict:
    match state["harm"]:
        case "crash":
            os._exit(9)
        case "block":
            time.sleep(3600)
        case "bug":
            raise ZeroDivisionError("a bug")
        case "ask":
            return {"output": {"answer": interrupt({"ask": "Go on?"})}, "status": "answered"}
    return {"output": {"answer": state["topic"]}, "status": "answered"}


def build() -> StateGraph:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(one)
    graph.add_node(last)
    graph.add_edge(START, "one")
    graph.add_conditional_edges("one", lambda state: "one" if state["done"] < state["marks"] else "last", ["one", "last"])
    graph.add_edge("last", END)
    return graph
'''
TOOL = '''
"""Appends a line to marks.jsonl: run, text, process, when the call began."""
import asyncio
import json
import os
import time

from agentflow.context import Context


async def mark(text: str, seconds: float, context: Context) -> str:
    """Mark a text.

    Args:
        text: what to mark
        seconds: how long it takes
    """
    began = time.time()
    await asyncio.sleep(seconds)
    with (context.project.root / "marks.jsonl").open("a") as file:
        file.write(json.dumps([context.run, text, os.getpid(), began]) + "\\n")
    return f"{os.getpid()}"
'''


def write_project(root: Path) -> Path:
    for place, text in {"graphs/tiny.py": GRAPH, "graphs/other.py": GRAPH, "tools/mark.py": TOOL}.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    (root / "models.yaml").write_text("models: {}\n")
    return root


def enqueue(root: Path, inputs: Sequence[dict[str, Any]], *, graph: str = "tiny", **terms: Any) -> list[str]:
    """The ids of the runs."""

    async def put() -> list[str]:
        async with Engine(Project(root)) as engine:
            with engine.store.write():
                return [engine.enqueue(graph, each, terms=Terms(**terms)).id for each in inputs]

    return asyncio.run(put())


class Slots:
    """Forked slots. What they tell lies in `slot-PID.jsonl`."""

    def __init__(self, root: Path, **config: Any) -> None:
        self.root = root
        self.config = WorkerConfig(project=root, **config)
        self.pids: list[int] = []

    def start(self, before: Callable[[], None] = lambda: None) -> int:
        """`before` is done first, in the new process."""
        pid = fork()
        if pid == 0:
            try:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_DFL)
                log = os.open(self.root / f"slot-{os.getpid()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(log, 1)
                before()
                asyncio.run(main(self.config))
                os._exit(0)
            except StoreFailed:  # it could not open the database, and would be started again
                os._exit(1)
            except BaseException:  # noqa: BLE001 - the child must not return into the parent's tests
                (self.root / f"error-{os.getpid()}.txt").write_text(traceback.format_exc())
                os._exit(4)
        self.pids.append(pid)
        return pid

    def reap(self, *, start: bool = False) -> None:
        """Forgets slots that ended; with `start` each gets a successor."""
        for pid in list(self.pids):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self.pids.remove(pid)
                if start:
                    self.start()

    def end(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.pids.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        assert [path.read_text() for path in self.root.glob("error-*.txt")] == []

    def told(self, what: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for path in self.root.glob("slot-*.jsonl") for line in path.read_text().splitlines()]
        return [line for line in lines if line["said"] == what]


def load(root: Path, run: str) -> Run:
    catalog = RunStore(place_of(root), create=False)
    try:
        return catalog.load(run)
    finally:
        catalog.close()


def wait(true: Callable[[], bool], seconds: float = 200.0, meanwhile: Callable[[], None] = lambda: None) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        meanwhile()
        time.sleep(0.02)


def freeze(root: Path, pid: int) -> None:
    """Stops a process outside of a transaction: what it holds of SQLite's file in one, it holds until it wakes."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        with (
            closing(sqlite3.connect(Project(root).database, timeout=0.2)) as database,
            suppress(sqlite3.OperationalError),
        ):
            database.execute("BEGIN IMMEDIATE")
            return
        os.kill(pid, signal.SIGCONT)


def marks(root: Path) -> list[tuple[str, str, int, float]]:
    path = root / "marks.jsonl"
    return [tuple(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


class Journal:
    """What was in the journal at some moments; a mark of it that begins later is a repetition."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: dict[tuple[str, str], float] = {}

    def look(self, runs: Sequence[str]) -> None:
        catalog = RunStore(place_of(self.root), create=False)
        for run in runs:
            for call in calls(catalog, run, kind="tool"):
                if call.state == "done":
                    self.known.setdefault((run, call.request["arguments"]["text"]), time.time())
        catalog.close()

    def repeated(self) -> list[str]:
        return [
            f"{run} {text}" for run, text, _, began in marks(self.root) if began > self.known.get((run, text), began)
        ]


def late(root: Path, runs: Sequence[str]) -> list[str]:
    """Runs in whose journal an owner wrote after another had taken over: owners must come one after the other."""
    catalog = RunStore(place_of(root), create=False)
    found = []
    for run in runs:
        owners: dict[str, list[int]] = defaultdict(list)
        for place, call in enumerate(calls(catalog, run, kind="tool")):
            if call.result is not None:
                owners[str(call.result)].append(place)
        spans = sorted((places[0], places[-1]) for places in owners.values())
        if any(first <= end for (_, end), (first, _) in pairwise(spans)):
            found.append(run)
    catalog.close()
    return found
