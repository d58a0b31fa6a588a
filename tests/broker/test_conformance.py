"""What holds for every broker: requests become runs, events come in order, and nothing is lost when a part is killed."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agentflow.broker.outbox import Outbox
from agentflow.broker.rejected import rejected
from agentflow.runs.store import RunStore
from scripts.schemas import broker_schema
from tests.broker.harness import answered, carry, first_seen, forked, heard, log_of, request, runs, until, working
from tests.broker.servers import SERVERS, Server
from tests.postgres import place_of
from tests.worker.harness import write_project

pytestmark = [pytest.mark.brokers, pytest.mark.usefixtures("each_database")]


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] if name == "rabbit" else []) for name in SERVERS])
def server(request: pytest.FixtureRequest, each_database: str) -> Iterator[Server]:
    kind: Any = SERVERS[request.param]
    if why := kind.reason():
        pytest.skip(why)
    if each_database == "postgres" and request.param != "nats":
        pytest.skip("one broker is enough for the second database")
    started = kind()
    yield started
    started.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


async def test_a_request_becomes_a_run_whose_events_come_in_order(root: Path, server: Server) -> None:
    async with working(root, server) as told:
        await heard(told, "ready", 2)
        await server.send([request("one"), request("two")])
        await heard(told, "taken", 2)
        await carry(root)
        events = await answered(server, "one", "two")
    for run in ("one", "two"):
        assert first_seen(events, run) == log_of(root, run)
        numbers = [each["seq"] for each in events if each["run"] == run]
        assert numbers == sorted(numbers)
    assert len({each["id"] for each in events}) == len(events)
    schema = Draft202012Validator({**broker_schema(), "$ref": "#/$defs/event"})
    assert [fault.message for each in events for fault in schema.iter_errors(each)] == []
    assert await server.waiting() == 0


async def test_the_same_request_a_hundred_times_is_one_run(root: Path, server: Server) -> None:
    async with working(root, server) as told:
        await heard(told, "ready", 2)
        await server.send([request("one")] * 100)
        await heard(told, "taken", 100)
    assert [run.id for run in runs(root)] == ["one"]
    assert await server.waiting() == 0


BAD = {
    "10 MB": (b" " * Server.largest, "larger than 1 MiB"),
    "not JSON": (b"\xff\x00{", "the body is no JSON"),
    "nothing": (b"", "id: Field required"),
    "no object": (b"[1, 2]", "body: Input should be"),
    "no id": (b'{"graph": "tiny"}', "id: Field required"),
    "unknown key": (request("u", colour="red"), "colour: Extra inputs"),
    "wrong inputs": (request("w", inputs={"marks": "many"}), "marks"),
    "unknown graph": (request("g", graph="nosuch"), "no graph named 'nosuch'"),
    "a graph that is not granted": (request("o", graph="other"), "'broker' has no grant for the graph other"),
    "the id of another run": (request("first", inputs={"topic": "else"}), "there is already another run first"),
    "too deep": (b'{"id": "d", "inputs": {"x": ' + b"[" * 100 + b"]" * 100 + b"}}", "nested deeper"),
}


async def test_what_becomes_no_run_is_kept_with_the_reason_and_blocks_nothing(root: Path, server: Server) -> None:
    bad = {name: (body[: server.largest], reason) for name, (body, reason) in BAD.items()}
    async with working(root, server) as told:
        await heard(told, "ready", 2)
        await server.send([request("first")])
        await heard(told, "taken", 1)
        await server.send([*(body for body, _ in bad.values()), request("next")])
        await heard(told, "taken", 2)

        async def told_of() -> bool:
            return len([each for each in await server.read() if each["kind"] == "RequestRejected"]) == len(BAD)

        await until(told_of)
    assert {run.id for run in runs(root)} == {"first", "next"}
    assert await server.waiting() == 0
    store = RunStore(place_of(root))
    kept = {(each.body, each.size): each for each in rejected(store)}
    store.close()
    assert len(kept) == len(BAD)
    for name, (body, reason) in bad.items():
        assert reason in kept[(body[:2000], len(body))].message, name
    schema = Draft202012Validator({**broker_schema(), "$ref": "#/$defs/event"})
    assert all(schema.is_valid(each) for each in await server.read())
    published = {each["request"]: each for each in await server.read() if each["kind"] == "RequestRejected"}
    assert published["g"]["message"] == "no graph named 'nosuch'" and published["g"]["hint"]


def test_a_relay_killed_between_publishing_and_noting_repeats_and_loses_nothing(root: Path, server: Server) -> None:
    def killed_before_it_notes() -> None:
        Outbox._note = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]

    async def prepare() -> None:
        async with working(root, server, events=None) as told:
            await heard(told, "ready", 1)
            await server.send([request("one", inputs={"marks": 5, "seconds": 0})])
            await heard(told, "taken", 1)
        await carry(root)

    async def go_on() -> list[dict[str, Any]]:
        async with working(root, server, requests=None) as told:
            await heard(told, "published", 1)
        return await server.read()

    asyncio.run(prepare())
    pid = forked(root, server, killed_before_it_notes, requests=None)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    before = asyncio.run(server.read())
    events = asyncio.run(go_on())
    assert first_seen(before, "one") == first_seen(events, "one") == log_of(root, "one")
    if server.scheme == "nats":  # it drops what has the same Nats-Msg-Id
        assert events == before
    else:
        assert events == before + before


async def test_a_broker_killed_in_mid_stream_loses_and_holds_up_nothing(
    root: Path, server: Server, each_database: str
) -> None:
    if each_database == "postgres":
        pytest.skip("the file alone: this is about the broker")
    if not server.comes_back:
        pytest.skip("the mock of Kafka loses what it held, with its process")
    ids = [f"r{number}" for number in range(20)]
    async with working(root, server) as told:
        await heard(told, "ready", 2)

        async def ask() -> None:
            for number, id in enumerate(ids):
                while True:
                    try:
                        await server.send([request(id)])
                        break
                    except Exception:  # noqa: BLE001 - whatever the client says of a broker that is down: sent again
                        await asyncio.sleep(0.05)
                if number % 10 == 5:
                    server.kill()
                    await asyncio.to_thread(server.start)

        await ask()

        async def queued() -> bool:
            return len(runs(root)) == len(ids)

        await until(queued)
        server.kill()
        await carry(root)
        await asyncio.to_thread(server.start)
        events = await answered(server, *ids)
    for id in ids:
        assert first_seen(events, id) == log_of(root, id)


async def test_a_full_stream_of_events_is_waited_for_while_requests_go_on(
    root: Path, server: Server, each_database: str
) -> None:
    if each_database == "postgres":
        pytest.skip("the file alone: this is about the broker")
    await server.limit()
    async with working(root, server) as told:
        if server.scheme == "redis":
            await server.make_room()  # its limit is of the server: requests could not be sent either
        await heard(told, "ready", 2)
        await server.send([request("one"), request("two")])
        await heard(told, "taken", 2)
        if server.scheme == "redis":
            await server.limit()
        await carry(root)
        await heard(told, "away", 1)
        if server.scheme != "redis":
            await server.send([request("three")])
            await heard(told, "taken", 3)
        await server.make_room()
        events = await answered(server, "one", "two")
    assert all(first_seen(events, run) == log_of(root, run) for run in ("one", "two"))
