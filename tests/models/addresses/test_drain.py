"""An address is taken out by hand, while it answers: what runs there ends there, and nothing new begins."""

import asyncio
from pathlib import Path

import pytest

from agentflow.errors import AgentflowError
from agentflow.models.addresses.drained import Drained
from agentflow.models.client.completion import ask
from agentflow.models.client.types import Done, Restart, Text

from .servers import Asked, Several, request
from .test_failures import RUNS, answers, behind_proxies


async def test_what_runs_on_a_drained_address_ends_there_and_nothing_new_begins(three: Several, tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        long = request("Tell all.", run="long", tokens=120)
        events = asked.client.generate(long)
        while not isinstance(await anext(events), Text):
            pass
        busy = next(proxy for proxy in proxies if proxy.asked)
        Drained(tmp_path).keep("starter", [busy.name])  # as another process does
        await answers(asked.client)
        rest = [event async for event in events]
        assert isinstance(rest[-1], Done)
        assert not any(isinstance(event, Restart) for event in rest)
        assert busy.asked == 1
        assert sum(proxy.asked for proxy in proxies) == RUNS + 1
        drained = next(address for address in asked.fleet.addresses if address.name == busy.name)
        await ask(asked.client, long)
        async with asyncio.timeout(30):
            while drained.client.connection is not None:  # it is left once nothing runs there
                await asyncio.sleep(0.01)


async def test_an_address_that_is_let_in_again_answers_again(three: Several, tmp_path: Path) -> None:
    drained = Drained(tmp_path)
    drained.keep("starter", three.urls[1:])
    asked = Asked(three.urls, tmp_path)
    async with asked as client:
        await answers(client)
        assert {name for name, count in asked.fleet.homes.loads.items() if count} == {three.urls[0]}
        drained.keep("starter", [])
        async with asyncio.timeout(60):
            while not asked.fleet.homes.loads[three.urls[1]]:
                await ask(client, request("hello", run=str(asked.fleet.homes.loads), tokens=1))


async def test_an_error_tells_that_all_are_drained(tmp_path: Path) -> None:
    urls = ["http://127.0.0.1:9/v1", "http://127.0.0.1:11/v1"]
    Drained(tmp_path).keep("starter", urls)
    async with Asked(urls, tmp_path) as client:
        with pytest.raises(
            AgentflowError, match=r"http://127.0.0.1:9/v1 \(drained\); http://127.0.0.1:11/v1 \(drained\)"
        ):
            await client.connected()


def test_a_damaged_list_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "drained.json").write_text("[1", "utf-8")
    with pytest.raises(AgentflowError, match="drained.json is damaged"):
        Drained(tmp_path).of("starter")
