"""kill -9 of a real server under load: who had read a part gets one error, who was waiting gets an answer."""

import asyncio
import os
import signal
from pathlib import Path

from agentflow.events import Event, Note
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.client import Client
from agentflow.models.client.types import Done, Failure, Message, ModelEvent, Request, Sampling, Text
from agentflow.models.servers.factory import open_server
from agentflow.models.servers.managed import Managed
from benchmarks.random_weights import write_model

WAITING = 4


def request(tokens: int) -> Request:
    return Request((Message("user", "Write."),), sampling=Sampling(temperature=0.0), max_tokens=tokens, deadline=120)


async def test_waiting_requests_are_retried_and_a_begun_one_fails_once(tmp_path: Path) -> None:
    weights = write_model(tmp_path / "tiny.gguf")
    config = ModelConfig(name="tiny", backend="llama", weights=str(weights), context=8192, parallel=1)
    told: list[Event] = []
    server = open_server(config, told.append)
    assert isinstance(server, Managed)
    client = Client(config, server)
    begun = asyncio.Event()

    async def gathered(tokens: int) -> list[ModelEvent]:
        events = []
        async for event in client.generate(request(tokens)):
            events.append(event)
            if isinstance(event, Text) and tokens > 100:
                begun.set()
        return events

    long = asyncio.create_task(gathered(7000))
    await asyncio.wait_for(begun.wait(), 120)
    short = [asyncio.create_task(gathered(4)) for _ in range(WAITING)]
    await asyncio.sleep(0.2)
    assert not any(task.done() for task in short)
    found = server.place.running()
    assert found
    os.kill(found.pid, signal.SIGKILL)
    failures = [event for event in await long if isinstance(event, Failure)]
    assert [failure.kind for failure in failures] == ["connection"]
    for task in short:
        events = await task
        assert isinstance(events[-1], Done)
        assert not any(isinstance(event, Failure) for event in events)
    assert ["was killed (signal 9)" in event.text for event in told if isinstance(event, Note)] == [True]
    await client.close()
    await server.stop(wait=True)
