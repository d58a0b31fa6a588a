"""Whatever a message holds, it becomes a run or is kept as rejected; nothing of it is raised."""

import asyncio
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.api.service import Service
from agentflow.broker import rejected
from agentflow.broker.inbox import Inbox
from agentflow.broker.migrations import MIGRATIONS
from agentflow.broker.settings import BrokerSettings
from agentflow.engine import Engine
from agentflow.project import Project
from tests.broker.harness import request
from tests.worker.harness import write_project

CALLER = BrokerSettings(graphs=["tiny"]).caller
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)  # fmt: skip
names = st.sampled_from(["id", "graph", "inputs", "models", "limits", "where", "priority", "not_before", "attempts"])
bodies = st.dictionaries(names | st.text(max_size=3), values).map(
    lambda body: json.dumps({"id": "x", "graph": "tiny", **body})
)
messages = st.binary(max_size=300) | bodies.map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(st.lists(messages, min_size=1, max_size=8))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_message_is_taken_and_told(tmp_path: Path, sent: list[bytes]) -> None:
    root = write_project(tmp_path)
    told: list[dict[str, Any]] = []

    async def take() -> None:
        async with Engine(Project(root)) as engine:
            engine.store.database.migrate("broker", MIGRATIONS)
            inbox = Inbox(Service(engine), CALLER, told.append)
            for data in sent:
                assert await inbox.take(data)
            known = {each.sha256 for each in rejected.rejected(engine.store)}
            assert len(known) >= len(
                {data for data, facts in zip(sent, told, strict=True) if facts["said"] == "rejected"}
            )

    asyncio.run(take())
    assert {facts["said"] for facts in told} <= {"taken", "rejected"} and len(told) == len(sent)


async def test_a_message_that_meets_a_bug_is_rejected_too(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    graph = root / "graphs" / "tiny.py"
    graph.write_text(
        graph.read_text()
        .replace('"rivers"', "Field(default_factory=lambda: 1 // 0)")
        .replace("BaseModel\n", "BaseModel, Field\n", 1)
    )
    told: list[dict[str, Any]] = []
    async with Engine(Project(root)) as engine:
        engine.store.database.migrate("broker", MIGRATIONS)
        inbox = Inbox(Service(engine), CALLER, told.append)
        assert await inbox.take(request("one", inputs={}))
        [kept] = rejected.rejected(engine.store)
    assert kept.request == "one" and "ZeroDivisionError" in kept.message and "bug" in kept.hint


async def test_the_same_rejected_message_is_kept_once_and_counted(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    async with Engine(Project(root)) as engine:
        engine.store.database.migrate("broker", MIGRATIONS)
        inbox = Inbox(Service(engine), CALLER, lambda facts: None)
        source = rejected.RejectedRequests(engine.store)
        for _ in range(3):
            await inbox.take(b"no JSON")
        [item] = source.due()
        with engine.store.write():
            source.note([item])
        assert source.due() == []
        await inbox.take(b"no JSON")
        [again] = source.due()
        [kept] = rejected.rejected(engine.store)
    assert kept.times == 4 and kept.body == b"no JSON"
    assert item.body and again.body and item.body["kind"] == "RequestRejected" and item.id != again.id
