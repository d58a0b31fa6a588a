"""R16: LangGraph's own conformance suite for checkpointers, with our serializer and our writes."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate

from agentflow.runs.checkpoints import Checkpoints
from agentflow.runs.store import RunStore
from tests.postgres import place_of

pytestmark = pytest.mark.usefixtures("each_database")


async def test_the_conformance_suite_passes_with_every_capability(tmp_path: Path) -> None:
    @checkpointer_test(name="Checkpoints")
    async def ours() -> AsyncGenerator[Checkpoints, None]:
        store = RunStore(place_of(tmp_path))
        yield Checkpoints(store)
        store.close()

    report = await validate(ours)
    assert report.conformance_level() == "FULL", report.to_dict()
    assert all(result.detected and result.tests_passed for result in report.results.values())
