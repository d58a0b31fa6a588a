"""R16: LangGraph's own conformance suite for checkpointers, with our serializer and our writes."""

import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from langgraph.checkpoint.conformance import checkpointer_test, validate

from agentflow.runs.checkpoints import Checkpoints
from agentflow.runs.store import RunStore


@checkpointer_test(name="Checkpoints")
async def ours() -> AsyncGenerator[Checkpoints, None]:
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder) / "agentflow.db")
        yield Checkpoints(store)
        store.close()


async def test_the_conformance_suite_passes_with_every_capability() -> None:
    report = await validate(ours)
    assert report.conformance_level() == "FULL", report.to_dict()
    assert all(result.detected and result.tests_passed for result in report.results.values())
