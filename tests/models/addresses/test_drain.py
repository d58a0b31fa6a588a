"""An address is taken out by hand, while it answers: what runs there ends there, and nothing new begins."""

import asyncio
import json
from pathlib import Path

import pytest

from agentflow.errors import AgentflowError
from agentflow.models.addresses.drained import Drained
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.completion import complete
from agentflow.models.client.types import Done, Restart, Text

from .asking import RUNS, Asked, answers, behind_proxies, request
from .servers import Several


def drain_only(state: Path, *names: str) -> None:
    (state / "drained.json").write_text(json.dumps({"starter": names}), "utf-8")


async def test_what_runs_on_a_drained_address_ends_there_and_nothing_new_begins(three: Several, tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        long = request("Tell all.", run="long", tokens=120)
        events = asked.client.generate(long)
        while not isinstance(await anext(events), Text):
            pass
        busy = next(proxy for proxy in proxies if proxy.asked)
        drain_only(tmp_path, busy.name)  # as another process does
        await answers(asked.client)
        rest = [event async for event in events]
        assert isinstance(rest[-1], Done)
        assert not any(isinstance(event, Restart) for event in rest)
        assert busy.asked == 1
        assert sum(proxy.asked for proxy in proxies) == RUNS + 1
        drained = next(address for address in asked.fleet.addresses if address.name == busy.name)
        await complete(asked.client, long)
        async with asyncio.timeout(30):
            while drained.client.connection is not None:  # it is left once nothing runs there
                await asyncio.sleep(0.01)


async def test_an_address_that_is_let_in_again_answers_again(three: Several, tmp_path: Path) -> None:
    asked, drained = Asked(three.urls, tmp_path), Drained(tmp_path)
    async with asked as client:
        for url in three.urls[1:]:
            drained.drain(client.config, url)
        await answers(client)
        assert {name for name, count in asked.fleet.homes.loads.items() if count} == {three.urls[0]}
        drained.undo(client.config, three.urls[1])
        async with asyncio.timeout(60):
            while not asked.fleet.homes.loads[three.urls[1]]:
                await complete(client, request("hello", run=str(asked.fleet.homes.loads), tokens=1))


async def test_an_error_tells_that_all_are_drained(tmp_path: Path) -> None:
    urls = ["http://127.0.0.1:9/v1", "http://127.0.0.1:11/v1"]
    drain_only(tmp_path, *urls)
    async with Asked(urls, tmp_path) as client:
        with pytest.raises(
            AgentflowError, match=r"http://127.0.0.1:9/v1 \(drained\); http://127.0.0.1:11/v1 \(drained\)"
        ):
            await client.connected()


def test_the_last_address_cannot_be_drained_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    config = ModelConfig(name="m", backend="endpoint", url=("http://a/v1", "http://b/v1"), model="x")
    drained = Drained(tmp_path)
    assert drained.drain(config, "http://a/v1/") == {"http://a/v1"}
    with pytest.raises(AgentflowError, match="http://b/v1 is the last address of 'm' that is in use"):
        drained.drain(config, "http://b/v1")
    with pytest.raises(AgentflowError, match="'m' has no address http://c/v1; it has http://a/v1, http://b/v1"):
        drained.drain(config, "http://c/v1")
    assert drained.undo(config, "http://a/v1") == frozenset()


def test_a_damaged_list_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "drained.json").write_text("[1", "utf-8")
    with pytest.raises(AgentflowError, match="drained.json is damaged"):
        Drained(tmp_path).of("starter")
