"""Tools as a run calls them: through the engine, under a policy."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.events import Event
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels

Call = Callable[..., Awaitable[tuple[Outcome, list[Event]]]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


@pytest.fixture
def call(project: Project) -> Call:
    """call(tool, arguments, limits): a run of one tool node; its outcome and events."""

    async def once(
        tool: str, arguments: dict[str, Any], limits: dict[str, Any] | None = None
    ) -> tuple[Outcome, list[Event]]:
        path = project.root / "call.yaml"
        names = {name: "{{ inputs.given['" + name + "'] }}" for name in arguments}
        path.write_text(json.dumps({
            "description": "d", "inputs": {"given": {"type": "object"}}, "tools": {tool: limits},
            "nodes": {"a": {"kind": "tool", "tool": tool, "arguments": names}}, "output": {"result": "{{ a }}"},
        }))  # fmt: skip
        events: list[Event] = []
        async with Engine(project, pool=ScriptedModels(lambda request: ""), sink=events.append) as engine:
            return await engine.run(str(path), {"given": arguments}), events

    return once
