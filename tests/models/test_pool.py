"""The pool with the real embedded server: roles, parallel siblings, unloading, a crash in the middle of a session."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from agentflow import bundled
from agentflow.errors import Unavailable
from agentflow.events import Event, Note
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.client.client import Client
from agentflow.models.client.types import Message, Request, Sampling
from agentflow.models.pool import Models
from agentflow.models.servers.managed import Managed
from agentflow.models.smoke_test import COLOUR

STARTER = bundled.ROOT / "starter" / "weights" / "starter.gguf"
pytestmark = pytest.mark.skipif(not STARTER.exists(), reason="the starter's weights are not built")


def colour(number: int) -> Request:
    return Request(
        (Message("user", f"Colour {number}?"),), schema=COLOUR, max_tokens=48, sampling=Sampling(seed=number)
    )


async def test_a_session_survives_unloading_and_a_crash_of_its_server(tmp_path: Path) -> None:
    seen: list[Event] = []
    known = load_catalog([bundled.ROOT / "models.yaml"])
    async with Models(known, tmp_path, overrides={"default": "starter"}, sink=seen.append) as models:
        assert models.model_of("reader") == "starter"
        answers = await models.ask_all("reader", [colour(number) for number in range(6)])
        assert [answer.data.keys() for answer in answers] == [{"colour"}] * 6

        client = await models.client("reader")
        assert isinstance(client, Client)
        server = client.server
        assert isinstance(server, Managed)
        await models.unload()
        assert server.place.running() is None
        assert (await models.ask("writer", colour(1))).data

        running = server.place.running()
        assert running
        os.kill(running.pid, signal.SIGKILL)
        assert (await models.ask("reader", colour(2))).data
        notes = [event.text for event in seen if isinstance(event, Note)]
        assert len(notes) == 1
        assert "the server of 'starter' was killed (signal 9)" in notes[0]


async def test_a_cached_role_is_asked_once(tmp_path: Path) -> None:
    own = tmp_path / "models.yaml"
    own.write_text("roles: {writer: {models: [starter], cache: exact}}", "utf-8")
    async with Models(load_catalog([bundled.ROOT / "models.yaml", own]), tmp_path) as models:
        first = await models.ask("writer", colour(1))
        again = await models.ask("writer", colour(1))
        assert again.data == first.data
        assert (again.usage.completion, again.usage.cached) == (0, first.usage.prompt)
        assert (await (await models.client("writer")).stats())["requests"] == 1


async def test_a_model_that_will_be_asked_loads_meanwhile(tmp_path: Path) -> None:
    own = tmp_path / "models.yaml"
    own.write_text("models: {lost: {backend: llama, weights: lost.gguf, context: 512}}", "utf-8")
    async with Models(load_catalog([bundled.ROOT / "models.yaml", own]), tmp_path) as models:
        models.warm("starter")
        models.warm("lost")  # what is wrong with it is told when it is asked
        async with asyncio.timeout(60):
            while "starter" not in models._clients or not await models._clients["starter"].health():
                await asyncio.sleep(0.05)
        with pytest.raises(Unavailable, match="lost.gguf"):
            await models.client("lost")
        models.warm("starter")
        assert (await models.ask("starter", colour(1))).data
