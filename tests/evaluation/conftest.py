"""A project of its own for each test, a scripted model, and the real engine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.evaluation.runner import OpenEngine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.evaluation.sums import SUITE, adds_one, engine_with, write_cases


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A user's project with one suite of four cases."""
    folder = tmp_path / "project"
    (folder / "evals").mkdir(parents=True)
    (folder / "models.yaml").write_text("models: {}\n")
    (folder / "evals" / "sums.yaml").write_text(SUITE)
    write_cases(folder, 4)
    return folder


@pytest.fixture
def project(root: Path) -> Project:
    return Project(root)


@pytest.fixture
def right() -> ScriptedModels:
    return ScriptedModels(adds_one)


@pytest.fixture
def scripted(right: ScriptedModels) -> OpenEngine:
    return engine_with(right)


@pytest.fixture
def with_script() -> Callable[[Callable[[Request], Any]], OpenEngine]:
    return lambda reply: engine_with(ScriptedModels(reply))
