"""A backend that plays what it is given: for tests, benchmarks and demonstrations, without models or a database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.errors import AgentflowError
from agentflow.events import Event, Note, Progress

from .backend import (  # fmt: skip
    Ask,
    DocumentRow,
    FoundPassage,
    InputField,
    ModelRow,
    Overview,
    ResultRow,
    RunResult,
    RunRow,
    Shape,
    SuiteRow,
    WorkflowRow,
)
from .known import KnownRow

if TYPE_CHECKING:
    from agentflow.models.addresses.status import AddressStatus

BATCH = 40


@dataclass
class RecordedRun:
    row: RunRow
    events: list[Event] = field(default_factory=list)
    result: RunResult | None = None


@dataclass
class RecordedRuns:
    """`asked` keeps what the screens asked for; a started run plays the recording `play` again."""

    runs: dict[str, RecordedRun] = field(default_factory=dict)
    play: str = ""
    pace: float = 0.0
    asked: list[tuple[str, Any]] = field(default_factory=list)

    async def recent(self, most: int = 50) -> list[RunRow]:
        rows = [run.row for run in self.runs.values()]
        return sorted(rows, key=lambda row: -row.started)[:most]

    async def start(self, ask: Ask) -> str:
        self.asked.append(("start", ask))
        if not self.play:
            raise AgentflowError("nothing is recorded for this", "choose another question")
        return self.play

    async def follow(self, run: str) -> AsyncIterator[list[Event]]:
        recorded = self._find(run).events
        for at in range(0, len(recorded), BATCH):
            yield recorded[at : at + BATCH]
            await asyncio.sleep(self.pace)

    async def result(self, run: str) -> RunResult:
        found = self._find(run).result
        if found is None:
            raise AgentflowError(f"run {run} has handed out nothing yet", "wait for its end")
        return found

    async def pause(self, run: str) -> None:
        self.asked.append(("pause", run))

    async def cancel(self, run: str) -> None:
        self.asked.append(("cancel", run))

    async def resume(self, run: str, answer: Any = None) -> None:
        self.asked.append(("resume", answer))

    async def fork(self, run: str, step: str) -> str:
        self.asked.append(("fork", step))
        return run

    async def follow_up(self, run: str, question: str) -> str:
        self.asked.append(("follow up", question))
        return run

    async def export(self, run: str, path: Path) -> Path:
        self.asked.append(("export", path))
        return path

    def _find(self, run: str) -> RecordedRun:
        if run not in self.runs:
            raise AgentflowError(f"no run {run} in this recording", "")
        return self.runs[run]


@dataclass
class RecordedDocuments:
    rows: list[DocumentRow] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    changes: list[Event] = field(default_factory=list)
    unwatched: asyncio.Event = field(default_factory=asyncio.Event)

    async def all(self) -> list[DocumentRow]:
        return list(self.rows)

    async def text(self, path: str) -> str:
        if path not in self.texts:
            raise AgentflowError(f"no document '{path}' in this recording", "")
        return self.texts[path]

    async def file(self, path: str) -> Path:
        return Path(path)

    async def add(self, paths: Sequence[Path]) -> AsyncIterator[Event]:
        """Real files, read as text."""
        files = [
            file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*"))) if file.is_file()
        ]
        self.asked.append(("add", list(paths)))
        for number, file in enumerate(files, 1):
            text = file.read_text("utf-8", "replace")
            self.texts[str(file)] = text
            self.rows.append(
                DocumentRow(number, str(file), file.stem, file.suffix[1:], "", len(text), text.count("\n\n") + 1)
            )
            yield Progress(task="files", done=number, total=len(files), unit="files")
            await asyncio.sleep(0)
        if not files:
            yield Note(text="nothing to read there", level="warning")

    async def remove(self, path: str) -> None:
        self.asked.append(("remove", path))
        self.rows = [row for row in self.rows if row.path != path]

    async def watch(self) -> AsyncIterator[Event]:
        self.asked.append(("watch", None))
        self.unwatched.clear()
        for event in self.changes:
            yield event
        await self.unwatched.wait()

    async def unwatch(self) -> None:
        self.asked.append(("unwatch", None))
        self.unwatched.set()

    async def search(self, query: str, most: int = 12) -> list[FoundPassage]:
        """Paragraphs that share a word."""
        words = {word.lower() for word in query.split()}
        hits = []
        for row in self.rows:
            for paragraph in self.texts.get(row.path, "").split("\n\n"):
                if shared := words & set(paragraph.lower().split()):
                    hits.append(FoundPassage(row.path, row.title, row.path, paragraph, tuple(sorted(shared))))
        return sorted(hits, key=lambda hit: -len(hit.terms))[:most]


@dataclass
class FakeModels:
    rows: list[ModelRow] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    speeds: dict[str, str] = field(default_factory=dict)
    states: "dict[str, list[AddressStatus]]" = field(default_factory=dict)

    async def all(self) -> list[ModelRow]:
        return list(self.rows)

    async def addresses(self, name: str) -> "list[AddressStatus]":
        return self.states.get(name, [])

    async def start(self, name: str) -> AsyncIterator[Event]:
        yield Progress(task=f"start {name}", done=1, total=1)
        self.rows = [replace(row, state="running") if row.name == name else row for row in self.rows]

    async def stop(self, name: str) -> None:
        self.rows = [replace(row, state="stopped") if row.name == name else row for row in self.rows]

    async def log(self, name: str) -> str:
        return self.logs.get(name, "")

    async def speed(self, name: str) -> str:
        return self.speeds.get(name, "not measured in this recording")


@dataclass
class RecordedWorkflows:
    rows: list[WorkflowRow] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    forms: dict[str, list[InputField]] = field(default_factory=dict)

    async def all(self) -> list[WorkflowRow]:
        return list(self.rows)

    async def shape(self, name: str) -> Shape:
        return self.shapes.get(name, Shape())

    async def fields(self, name: str) -> list[InputField]:
        return self.forms.get(name, [])

    async def check(self, name: str) -> list[str]:
        return [problem for row in self.rows if row.name == name for problem in row.problems]


@dataclass
class RecordedEvals:
    suite_rows: list[SuiteRow] = field(default_factory=list)
    result_rows: list[ResultRow] = field(default_factory=list)
    comparison: str = ""

    async def suites(self) -> list[SuiteRow]:
        return list(self.suite_rows)

    async def results(self) -> list[ResultRow]:
        return list(self.result_rows)

    async def compare(self, first: str, second: str) -> str:
        return self.comparison


@dataclass
class RecordedKnown:
    rows: list[KnownRow] = field(default_factory=list)

    async def all(self) -> list[KnownRow]:
        return list(self.rows)

    async def say(self, id: str, **said: Any) -> None:
        self.rows = [
            KnownRow(replace(row.claim, **said), said.get("retracted", row.fault)) if row.claim.id == id else row
            for row in self.rows
        ]


@dataclass
class RecordedBackend:
    root: Path = Path("project")
    runs: RecordedRuns = field(default_factory=RecordedRuns)
    documents: RecordedDocuments = field(default_factory=RecordedDocuments)
    models: FakeModels = field(default_factory=FakeModels)
    workflows: RecordedWorkflows = field(default_factory=RecordedWorkflows)
    evals: RecordedEvals = field(default_factory=RecordedEvals)
    known: RecordedKnown = field(default_factory=RecordedKnown)

    async def overview(self) -> Overview:
        good = [row for row in self.documents.rows if not row.error]
        running = tuple(row.name for row in self.models.rows if row.state == "running")
        answers = next((row.name for row in self.models.rows if row.kind == "chat"), "")
        return Overview(
            project=self.root.name, documents=len(good), passages=sum(row.passages for row in good),
            failed=len(self.documents.rows) - len(good), model=answers, models=len(self.models.rows), servers=running,
        )  # fmt: skip

    async def close(self) -> None:
        """Nothing is held open."""
