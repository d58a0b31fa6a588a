"""LangGraph's callbacks as events: which step started, what a person calls it, how it ended."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langgraph.errors import GraphBubbleUp

from agentflow.budget import Budget
from agentflow.errors import AgentflowError
from agentflow.events import Sink, StepEnded, StepStarted
from agentflow.runs.step import Step, enter

NAMING = ("question", "query", "label", "title", "name", "task", "item")
LONGEST_LABEL = 200


class Watcher(AsyncCallbackHandler):
    """Sends StepStarted and StepEnded, and counts steps. `before` may refuse a step by raising."""

    raise_error = True
    run_inline = True

    def __init__(self, run: str, sink: Sink, budget: Budget, before: Callable[[Step], None]) -> None:
        self.run = run
        self.sink = sink
        self.budget = budget
        self.before = before
        self.running: dict[UUID, tuple[Step, float]] = {}

    async def on_chain_start(
        self, serialized: dict[str, Any] | None, inputs: Any, *, run_id: UUID, tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None, **_: Any,
    ) -> None:  # fmt: skip
        if not any(tag.startswith("graph:step:") for tag in tags or ()):
            return  # a part of a node
        step = enter(metadata or {})
        self.before(step)
        self.running[run_id] = step, time.monotonic()
        self.budget.enter(step.id)
        self.sink(StepStarted(run=self.run, step=step.id, node=step.node, label=label(inputs, metadata or {})))

    async def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        self._end(run_id)

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._end(run_id, why(error))

    def _end(self, run_id: UUID, error: str = "") -> None:
        if run_id in self.running:
            step, started = self.running.pop(run_id)
            seconds = time.monotonic() - started
            self.budget.leave(step.id)
            self.sink(StepEnded(run=self.run, step=step.id, node=step.node, seconds=seconds, error=error))


def why(error: BaseException) -> str:
    """As a person is told. A step that waits for an answer has not failed."""
    match error:
        case GraphBubbleUp():
            return ""
        case asyncio.CancelledError():
            return "stopped before its end"
        case AgentflowError():
            return error.message
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def label(inputs: Any, metadata: dict[str, Any]) -> str:
    """The sub-question or item of a fan-out's branch; a step that sees the whole state needs none."""
    if not isinstance(inputs, dict) or metadata["langgraph_path"][0] != "__pregel_push":
        return ""
    texts = [inputs[key] for key in NAMING if isinstance(inputs.get(key), str)]
    texts += [value for value in inputs.values() if isinstance(value, str)]
    return texts[0][:LONGEST_LABEL] if texts else ""
