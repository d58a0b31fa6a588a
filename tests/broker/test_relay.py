"""One relay at a time; what it does when it is stopped, when there is no room, and when its store is away."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.harness import answered, carry, forked, heard, log_of, relay_of, request, runs, states, until, working
from tests.broker.servers import EVENTS, Nats
from tests.postgres import Server as Postgres
from tests.worker.harness import wait, write_project

pytestmark = pytest.mark.brokers


@pytest.fixture
def server() -> Iterator[Nats]:
    if why := Nats.reason():
        pytest.skip(why)
    started = Nats()
    yield started
    started.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def told_by(root: Path, pid: int) -> list[str]:
    path = root / f"relay-{pid}.jsonl"
    return [json.loads(line)["said"] for line in path.read_text().splitlines()] if path.exists() else []


def test_a_second_relay_stands_by_and_takes_over_when_the_first_is_killed(root: Path, server: Nats) -> None:
    first = forked(root, server)
    wait(lambda: told_by(root, first).count("ready") == 2)

    async def second() -> None:
        async with working(root, server) as told:
            await heard(told, "standby")
            await server.send([request("one")])
            await until(lambda: asyncio.to_thread(lambda: "taken" in told_by(root, first)))
            os.kill(first, signal.SIGKILL)
            await asyncio.to_thread(os.waitpid, first, 0)
            await server.send([request("two")])
            await heard(told, "taken")

    asyncio.run(second())
    assert sorted(run.id for run in runs(root)) == ["one", "two"]


def test_a_relay_that_was_stopped_for_longer_than_its_lease_does_nothing_more(root: Path, server: Nats) -> None:
    first = forked(root, server, lease=8.0)  # the second waits for one second alone
    wait(lambda: told_by(root, first).count("ready") == 2)
    os.kill(first, signal.SIGSTOP)

    async def second() -> None:
        async with working(root, server, lease=1.0) as told:
            await heard(told, "ready", 2)
            os.kill(first, signal.SIGCONT)
            await until(lambda: asyncio.to_thread(lambda: told_by(root, first)[-2:] == ["lost", "standby"]))
            await server.send([request("one")])
            await heard(told, "taken")

    try:
        asyncio.run(second())
    finally:
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
    assert "taken" not in told_by(root, first)


async def test_requests_that_there_is_no_room_for_wait_in_the_broker(root: Path, server: Nats) -> None:
    async with working(root, server, runs=1) as told:
        await heard(told, "ready", 2)
        await server.send([request("one"), request("two")])
        await heard(told, "waits")
        assert [run.id for run in runs(root)] == ["one"] and await server.waiting() == 1
        await carry(root)
        await heard(told, "taken", 2)
    assert await server.waiting() == 0


async def test_it_can_end_by_itself_once_all_is_taken_and_published(root: Path, server: Nats) -> None:
    async with working(root, server) as told:
        await heard(told, "ready", 2)
    await server.send([request("one"), request("two")])
    relay = relay_of(root, server, [])
    relay.until_empty = True
    await relay.run()
    assert [states(await server.read(), id) for id in ("one", "two")] == [["queued"], ["queued"]]


async def test_an_event_that_is_too_large_for_the_broker_is_named_and_left_out(root: Path, server: Nats) -> None:
    async with await server._connect() as client:
        await client.jetstream().add_stream(name=EVENTS, subjects=[EVENTS], max_msg_size=1000)
    async with working(root, server) as told:
        await heard(told, "ready", 2)
        await server.send([request("one", inputs={"topic": "x" * 2000, "marks": 1})])
        await heard(told, "taken")
        await carry(root)
        await answered(server, "one")
    events = await server.read()
    assert [each["id"] for each in events if each["kind"] != "State"] == log_of(root, "one")
    [cut] = [each for each in events if each["kind"] == "RunStarted"]
    assert cut["left_out"] > 2000 and "inputs" not in cut and cut["run"] == "one"


@pytest.mark.postgres
async def test_a_store_that_goes_away_is_waited_for(
    root: Path, server: Nats, own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTFLOW_STORE", own_server.url())
    async with working(root, server) as told:
        await heard(told, "ready", 2)
        await asyncio.to_thread(own_server.kill)
        await server.send([request("one")])
        await asyncio.to_thread(own_server.start)
        await heard(told, "taken")
        await carry(root)
        await answered(server, "one")
