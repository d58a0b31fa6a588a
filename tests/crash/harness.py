"""Runs that are killed: a forked child works on a run, its parent kills it and looks at what is left.

The child is forked, not started again, so that a kill falls into work and not into imports.
"""

import asyncio
import hashlib
import json
import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.calls import calls
from agentflow.runs.outcome import Outcome
from agentflow.runs.store import RunStore
from agentflow.testing import ScriptedModels
from tests.postgres import place_of

CITIES = ("Aarhus", "Bergen", "Cork", "Delft", "Evora", "Faro", "Ghent", "Hull")
QUESTION = "Describe how high the towers of Aarhus, Bergen and Cork are"


def write_towers(root: Path) -> Path:
    """A project with a folder of documents, ingested without vectors."""
    docs = root / "docs"
    docs.mkdir(parents=True)
    for number, city in enumerate(CITIES):
        text = f"# {city}\n\nThe tower of {city} is {40 + number} metres high. It was finished in {1900 + number}.\n"
        (docs / f"{city.lower()}.md").write_text(text + "\nIts lamp was replaced twice. Nobody lives there now.\n")
    (root / "models.yaml").write_text("models: {}\n")
    project = Project(root)
    corpus = Corpus.open(project.database, create=True)
    asyncio.run(ingest(corpus, [docs], embedder=None))
    corpus.close()
    return root


def recorded(request: Request) -> Any:
    """Answers that depend on the request alone, as recorded ones would: the research graph goes its whole way."""
    shown = request.messages[-1].content
    match sorted((request.schema or {}).get("properties", {})):
        case ["questions"]:
            return {"questions": [f"How high is the tower of {city}?" for city in CITIES if city in shown]}
        case ["sentences"]:
            return {"sentences": [1, 2, 3]}
        case ["open", "search"]:
            return {"open": [1], "search": ["towers finished in 1901"]}
        case ["claims"]:
            lines = [line for line in shown.split("\n") if "metres" in line][:5]
            claims = [{"evidence": [number], "text": line.strip()[:300]} for number, line in enumerate(lines, 1)]
            return {"claims": claims}
        case ["support"]:
            return {"support": "supported"}
        case ["answer", "sentence"]:
            return high(shown)
        case ["answer"]:
            return {"answer": "The towers are 40, 41 and 42 metres high."}
    return f"<{shown}>"


def high(shown: str) -> dict[str, Any]:
    """The height of the first city that the question names, and its sentence."""
    question = shown.rsplit("\n", 1)[-1]
    for city in (city for city in CITIES if city in question):
        for line in shown.split("\n"):
            if f"tower of {city} is" in line:
                number, text = line.strip().removeprefix("[").split("] ", 1)
                return {"answer": text.split(" is ")[1].rstrip("."), "sentence": int(number)}
    return {"answer": "", "sentence": 0}


class Logged:
    """Before a pool of models: appends a line for every request that it is really asked, and one for every answer."""

    log: Path

    async def ask(self, role: str, request: Request, **options: Any) -> Any:
        note(self.log, request)
        answer = await super().ask(role, request, **options)  # type: ignore[misc]
        note(self.log.with_suffix(".answered"), request)
        return answer


class LoggedModels(Logged, ScriptedModels):
    def __init__(self, log: Path, *, seconds: float, reply: Callable[[Request], Any] = recorded) -> None:
        super().__init__(reply, seconds=seconds)
        self.log = log


def note(log: Path, request: Request) -> None:
    with log.open("a") as file:
        file.write(json.dumps([request.step, fingerprint(request.messages[-1].content)]) + "\n")


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(slots=True)
class Tally:
    """What killing did. `lost` counts requests that were made again although they had been answered before the kill,
    `again` those whose answer was in the journal."""

    kills: int = 0
    runs: int = 0
    finished: int = 0
    asked: int = 0
    in_flight: int = 0
    lost: int = 0
    again: int = 0
    outputs: set[str] = field(default_factory=set)


def fork() -> int:
    """From Python 3.12 on os.fork warns where the process has threads: this child uses nothing that they hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


class Victim:
    """One run in one project, carried on by as many processes as it takes."""

    def __init__(
        self,
        root: Path,
        run: str,
        *,
        graph: str = "research",
        inputs: dict[str, Any] | None = None,
        seconds: float = 0.002,
    ) -> None:
        self.root = root
        self.run = run
        self.graph = graph
        self.inputs = inputs or {"question": QUESTION, "rounds": 1}
        self.seconds = seconds
        self.log = root / f"asked-{run}.jsonl"
        self.log.touch()

    def models(self) -> Any:
        return LoggedModels(self.log, seconds=self.seconds)

    async def work(self, answer: Any = None) -> Outcome:
        async with Engine(Project(self.root), pool=self.models()) as engine:
            if any(run.id == self.run for run in engine.store.list(limit=10_000)):
                return await engine.resume(self.run, answer=answer)
            return await engine.run(self.graph, self.inputs, run_id=self.run)

    def start(self, before: Callable[[], None] = lambda: None, answer: Any = None) -> int:
        """Forks a child that works until it is done or dead; its pid. `before` runs in the child."""
        if pid := fork():
            return pid
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            before()
            outcome = asyncio.run(self.work(answer))
            if outcome.status == "failed":
                (self.root / f"error-{self.run}.txt").write_text(outcome.message)
            os._exit(0 if outcome.status != "failed" else 3)
        except BaseException:  # noqa: BLE001 - the child must not return into the parent's tests
            (self.root / f"error-{self.run}.txt").write_text(traceback.format_exc())
            os._exit(4)

    def carry_on(
        self, before: Callable[[], None] = lambda: None, *, kill_after: float | None = None, answer: Any = None
    ) -> bool:
        """One more process; whether it came to its own end. Raises AssertionError when it failed."""
        pid = self.start(before, answer)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return False
        failure = self.root / f"error-{self.run}.txt"
        assert os.WEXITSTATUS(status) == 0, failure.read_text() if failure.exists() else f"exit {status}"
        return True

    def asked(self) -> list[tuple[str, str]]:
        """(step, fingerprint) of every request that a model was really asked, in order."""
        return [(step, print) for step, print in map(json.loads, self.log.read_text().splitlines())]

    def answered(self) -> set[tuple[str, str]]:
        """(step, fingerprint) of every request whose answer came."""
        path = self.log.with_suffix(".answered")
        return (
            {(step, print) for step, print in map(json.loads, path.read_text().splitlines())}
            if path.exists()
            else set()
        )

    def journaled(self) -> set[tuple[str, str]]:
        """(step, fingerprint) of every request whose answer is in the journal."""
        if isinstance(place := place_of(self.root), Path) and not place.exists():
            return set()
        store = RunStore(place, create=False)
        try:
            return {
                (call.step, fingerprint(request["messages"][-1]["content"]))
                for call in calls(store, self.run, kind="model")
                if call.state == "done"
                for request in call.request["requests"]
            }
        finally:
            store.close()

    def outcome(self) -> tuple[str, str]:
        """(status, hash of the output) as the run store holds them."""
        store = RunStore(place_of(self.root), create=False)
        try:
            run = store.load(self.run)
            return run.status, fingerprint(json.dumps(run.output, sort_keys=True))
        finally:
            store.close()

    def finish(self, tally: Tally, kills: "Callable[[int], float | None]") -> None:
        """Kills the n-th process after `kills(n)` seconds until that is None, then lets it end. Counts."""
        number = 0
        tally.runs += 1
        while True:
            known, answered, before = self.journaled(), self.answered(), len(self.asked())
            delay = kills(number)
            ended = self.carry_on(kill_after=delay)
            asked = self.asked()[before:]
            tally.again += sum(item in known for item in asked)
            tally.lost += sum(item in answered for item in asked)
            if not ended:
                number += 1
                tally.kills += 1
                continue
            if delay is None or self.outcome()[0] in ("answered", "insufficient", "done"):
                break
        status, output = self.outcome()
        tally.finished += status in ("answered", "insufficient", "done")
        asked = self.asked()
        tally.asked += len(asked)
        tally.in_flight += len(asked) - len(set(asked))
        tally.outputs.add(f"{status} {output}")
