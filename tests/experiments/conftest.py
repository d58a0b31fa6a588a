"""Made data with a known truth, and runs of the experiment graph on them in the real sandbox."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels
from agentflow.toolbox import ToolRefused
from agentflow.toolbox.sandbox import find_sandbox
from benchmarks.experiment_sets import Made, Truth, make

Ask = Callable[..., Awaitable[Outcome]]


@pytest.fixture(autouse=True, scope="session")
def sandbox() -> None:
    try:
        find_sandbox()
    except ToolRefused as refusal:
        pytest.skip(refusal.message)


async def once(folder: Path, question: str, *, pool: Any = None, run_id: str | None = None, **inputs: Any) -> Outcome:
    (folder / "models.yaml").write_text("models: {}\n")
    pool = pool or ScriptedModels(lambda request: {"outcome": "none"}, abilities=())
    async with Engine(Project(folder), pool=pool) as engine:
        if any(folder.glob("*.md")):
            await engine.ingest([path for path in folder.glob("*.md")])
        return await engine.run("experiment", {"question": question, **inputs}, docs=[folder], run_id=run_id)


@pytest.fixture
def ask() -> Ask:
    """ask(folder, question, **inputs): a run on the folder's data and documents, by a model that finds no columns."""
    return once


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Asked(NamedTuple):
    made: Made
    outcome: Outcome


@pytest.fixture(scope="session")
def asked(sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """A question on data with an effect, asked once for all tests that only look at what came of it, or copy it."""
    return asked_of("effect", tmp_path_factory)


@pytest.fixture(scope="session")
def trapped(sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The same on data whose effect comes from a confounder."""
    return asked_of("trap", tmp_path_factory)


def asked_of(kind: Truth, paths: pytest.TempPathFactory) -> Asked:
    made = make(paths.mktemp("asked"), kind, 0)
    return Asked(made, asyncio.run(once(made.folder, made.question)))
