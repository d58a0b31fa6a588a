"""One of three real servers dies, hangs, refuses or dawdles: no run sees it, and every answer is the one it would have been."""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest

from agentflow.errors import Overloaded, Unavailable
from agentflow.models.client.completion import complete
from agentflow.models.client.errors import ModelError
from agentflow.models.client.session import session_of
from agentflow.models.client.types import Restart, Text

from .asking import RUNS, Asked, answers, behind_proxies, question, request
from .fault_proxy import PASS, Fault
from .servers import Several

FAULTS = {
    "503": lambda: Fault("status", 503),
    "500": lambda: Fault("status", 500),
    "429": lambda: Fault("status", 429),
    "no connection": lambda: Fault("refuse"),
    "cut in the middle": lambda: Fault("cut", after=4),
    "a slow stream": lambda: Fault(seconds=0.05),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_server_that_always_fails_is_not_seen(
    fault: Callable[[], Fault], three: Several, expected: list[str], tmp_path: Path
) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        proxies[0].plan = fault
        assert await answers(asked.client) == expected
        assert proxies[0].asked > 0
        assert asked.client.failures == 0


async def test_a_server_that_accepts_and_never_answers_is_left(
    three: Several, expected: list[str], tmp_path: Path
) -> None:
    async with behind_proxies(three, tmp_path, balance={"silence": 1.0}) as (asked, proxies):
        await asked.client.connected()
        proxies[0].hung = True
        assert await answers(asked.client) == expected
        assert proxies[0].asked > 0
        assert [note for note in asked.notes if proxies[0].name in note and "gives no sign of life" in note]


async def test_a_server_that_hangs_in_the_middle_is_left(three: Several, expected: list[str], tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path, balance={"silence": 1.0}) as (asked, proxies):
        await asked.client.connected()
        hung = proxies[0]
        hung.plan = lambda: Fault(seconds=0.02)

        async def hang_soon() -> None:
            while not asked.at(hung.name):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            hung.hung = True

        both = await asyncio.gather(answers(asked.client), hang_soon())
        assert both[0] == expected


async def test_a_request_that_is_wrong_goes_back_at_once_and_opens_no_breaker(three: Several, tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        for _ in range(20):
            with pytest.raises(ModelError) as error:
                await complete(asked.client, request("x", schema={"type": "nonsense"}))
            assert error.value.kind == "invalid_request"
        assert sum(proxy.asked for proxy in proxies) == 20
        assert {address.breaker.state for address in asked.fleet.addresses} == {"closed"}
        assert asked.notes == []


async def test_kill_9_in_the_middle_of_an_answer_is_not_seen(tmp_path: Path) -> None:
    with Several(3) as servers:
        asked = Asked(servers.urls, tmp_path)
        async with asked as client:
            expected = await answers(client, tokens=100)
            victim = next(url for url in servers.urls if asked.fleet.homes.loads[url])
            restarts = 0
            begun = asyncio.Event()

            async def streamed(number: int) -> str:
                nonlocal restarts
                text = ""
                async for event in client.generate(question(number, 100)):
                    if isinstance(event, Text):
                        text += event.text
                        if asked.fleet.homes.home(session_of(question(number)), servers.urls) == victim:
                            begun.set()
                    elif isinstance(event, Restart):
                        restarts += 1
                        text = ""
                return text

            async def kill_once_begun() -> None:
                await begun.wait()
                servers.servers[servers.urls.index(victim)].process.kill()

            texts, _ = await asyncio.gather(
                asyncio.gather(*(streamed(number) for number in range(RUNS))), kill_once_begun()
            )
            assert texts == expected
            assert restarts > 0
            assert client.failures == 0


async def test_a_server_that_comes_back_is_used_again(three: Several, expected: list[str], tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        proxies[0].plan = lambda: Fault("refuse")
        await answers(asked.client)
        proxies[0].plan = lambda: PASS
        address = asked.fleet.addresses[0]
        before = proxies[0].asked
        async with asyncio.timeout(60):
            while address.breaker.state != "closed":
                number = proxies[0].asked
                await complete(asked.client, request("Are you back?", run=f"new {number} {time.monotonic()}", tokens=1))
        assert proxies[0].asked > before
        assert any(note.endswith(f"{address.name} answers again") for note in asked.notes)


async def test_one_error_names_all_addresses_when_none_answers(tmp_path: Path) -> None:
    urls = ["http://127.0.0.1:9/v1", "http://127.0.0.1:11/v1"]
    async with Asked(urls, tmp_path) as client:
        with pytest.raises(
            Unavailable, match=r"none of its 2 addresses answers: http://127.0.0.1:9/v1 \(.*\); http.*:11"
        ):
            await client.connected()


async def test_when_all_are_full_the_run_hears_it_once(three: Several, tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        for proxy in proxies:
            proxy.plan = lambda: Fault("status", 429)
        with pytest.raises(Overloaded) as error:
            await complete(asked.client, request("hello", run="r", deadline=1.0))
        assert all(proxy.name in str(error.value) for proxy in proxies)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "a date"])
async def test_a_full_server_rests_as_long_as_it_says(status: int, form: str, three: Several, tmp_path: Path) -> None:
    when = "60" if form == "seconds" else formatdate(time.time() + 600, usegmt=True)
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        await asked.client.connected()
        home = asked.fleet.homes.home(session_of(question(1)), [proxy.name for proxy in proxies])
        full = next(proxy for proxy in proxies if proxy.name == home)
        full.plan = lambda: Fault("status", status, retry_after=when)
        for _ in range(3):
            assert (await complete(asked.client, question(1))).text
        assert full.asked == 1
        assert asked.notes == []


async def test_a_second_server_is_asked_when_the_first_is_slow_to_begin(three: Several, tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path, balance={"hedge": 0.1}) as (asked, proxies):
        asked_one = request("Who is faster?", run="hedged")
        home = asked.fleet.homes
        await asked.client.connected()
        slow = next(
            proxy for proxy in proxies if proxy.name == home.home(session_of(asked_one), [p.name for p in proxies])
        )
        slow.plan = lambda: Fault("hang")
        answer = await complete(asked.client, asked_one)
        assert answer.text
        assert [proxy.asked for proxy in proxies].count(1) == 2
        assert asked.fleet.addresses[proxies.index(slow)].in_flight == 0
        slow.plan = lambda: PASS
        await complete(asked.client, asked_one)  # it stays at home
        assert slow.asked == 2
