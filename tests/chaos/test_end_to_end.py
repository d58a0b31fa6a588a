"""A broker, its relay, Postgres, a worker, two sites and two model servers, each killed once by a plan: the same reports as on
one process, and every event in its order."""

import asyncio
import json
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from agentflow.chaos.log import read_log
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.store import RunStore
from agentflow.runs.verify import verify
from agentflow.storage.place import VARIABLE, Place
from tests.broker.harness import Told, first_seen, log_of, states
from tests.broker.servers import Nats
from tests.models.addresses.servers import EXACT, KEY, STARTER, Several
from tests.postgres import Server
from tests.sites.harness import Site, key_for, sites_yaml, write_project

pytestmark = [pytest.mark.postgres, pytest.mark.brokers, pytest.mark.slow, pytest.mark.timeout(900)]
DOCUMENTS = {
    "lab": {
        "mill.md": "# Mill\n\nThe mill of Ardenbrook was built in 1842 by Ann Berg. It stands on the river Aln.\n",
        "weir.md": "# Weir\n\nThe weir of Ardenbrook was planned by Zebedee Quill. It is 12 metres wide.\n",
    },
    "clinic": {
        "ward.md": "# Ward\n\nThe ward of Colmouth was opened in 1911 by Ruth Oake. It has 24 beds.\n",
        "well.md": "# Well\n\nThe well of Colmouth is 31 metres deep. Its water was tested in 1950.\n",
    },
}
QUESTIONS = {
    "mill": "When was the mill of Ardenbrook built?",
    "weir": "How wide is the weir of Ardenbrook?",
    "ward": "Who opened the ward of Colmouth?",
    "well": "How deep is the well of Colmouth?",
}
SERVERS = ("gpu1", "gpu2", *DOCUMENTS)
LINKED = ("store", "broker", *SERVERS)
FAULTS = [
    *({"do": "kill", "part": name, "at": {name: 2}} for name in SERVERS),
    {"do": "kill", "part": "relay", "at": {"broker": 12}},
    {"do": "kill", "part": "worker", "at": {"lab": 5}},
    {"do": "kill", "part": "store", "at": {"lab": 7}},
    {"do": "kill", "part": "broker", "at": {"lab": 9}},
]


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    for name, documents in DOCUMENTS.items():
        monkeypatch.setenv(f"{name.upper()}_KEY", key_for(write_project(tmp_path / name, documents)))


@pytest.fixture
def nats() -> Iterator[Nats]:
    if why := Nats.reason():
        pytest.skip(why)
    nats = Nats()
    yield nats
    nats.stop()


def asker(root: Path, models: list[str], sites: dict[str, str]) -> Project:
    """A project without documents, which asks the sites."""
    asked = {name: {"url": url, "key": f"{name.upper()}_KEY", "seconds": 200} for name, url in sites.items()}
    project = write_project(root, sites=sites_yaml(**asked))
    model = {"backend": "endpoint", "url": models, "model": "starter", "api_key_env": "TEST_KEY"}
    (root / "models.yaml").write_text(json.dumps({"roles": {"default": "m"}, "models": {"m": model}}))
    return project


async def research(project: Project) -> None:
    async with Engine(project) as engine:
        for question in QUESTIONS.values():
            await engine.run("research", {"question": question})


async def conversation(nats: Nats, parts: "subprocess.Popen[bytes]") -> Told:
    """What another program does: it asks until the broker has each request, and listens until each run has ended."""
    from nats.errors import Error

    for id, question in QUESTIONS.items():
        request = json.dumps({"id": id, "question": question, "attempts": 20}).encode()
        while parts.poll() is None:
            with suppress(Error, OSError):
                await nats.send([request])
                break
            await asyncio.sleep(0.2)
    while parts.poll() is None:
        with suppress(Error, OSError):
            events = await nats.read()
            if all(states(events, id)[-1:] == ["answered"] for id in QUESTIONS):
                return events
        await asyncio.sleep(1)
    raise AssertionError("the parts have ended before the runs")


def reports(place: Place) -> dict[str, Any]:
    """What each question came to, but for the moment at which a quote was received."""
    with closing(RunStore(place)) as store:
        runs = store.list()
        assert [fault for run in runs for fault in verify(store, run.id)] == []
        for quote in (quote for run in runs for quote in run.output["evidence"]):
            del quote["retrieved"]
        return {run.inputs["question"]: (run.status, run.output) for run in runs}


def parts_of(root: Path, postgres: Server, nats: Nats) -> dict[str, Any]:
    """In the order of their start."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(10)]
        ports = iter([one.getsockname()[1] for one in sockets])
    listen = {name: next(ports) for name in LINKED}
    run = {"store": shlex.join(postgres.by_anybody), "broker": shlex.join(nats.command())}
    to: dict[str, Any] = {"store": f"{postgres.folder}/.s.PGSQL.5432", "broker": nats.port}
    for name in SERVERS:
        to[name] = next(ports)
        if name in DOCUMENTS:
            run[name] = f"agentflow site --project {name} --port {to[name]} --json"
        else:
            orders = {"port": to[name], "api_key": KEY, "models": [{"name": "starter", "path": f"{STARTER}", **EXACT}]}
            (root / f"{name}.json").write_text(json.dumps(orders))
            run[name] = f"{sys.executable} -m agentflow.serving --config {name}.json"
    return {
        **{name: {"run": run[name], "listen": listen[name], "to": to[name]} for name in LINKED},
        "relay": {"run": "agentflow broker --project many --json"},
        "worker": {"run": "agentflow worker --project many --json"},
    }


def test_the_reports_are_those_of_one_process(
    keys: None, own_server: Server, nats: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Site(Project(tmp_path / "lab")) as lab, Site(Project(tmp_path / "clinic")) as clinic, Several(1) as servers:
        one = asker(tmp_path / "one", servers.urls, {"lab": lab.url, "clinic": clinic.url})
        asyncio.run(research(one))
    expected = reports(one.store)
    assert {status for status, _ in expected.values()} == {"answered"} and len(expected) == len(QUESTIONS)

    database = own_server.database()
    own_server.kill()
    nats.kill()
    parts = parts_of(tmp_path, own_server, nats)
    at = {name: f"127.0.0.1:{parts[name]['listen']}" for name in LINKED}
    sites = {name: f"http://{at[name]}" for name in DOCUMENTS}
    many = asker(tmp_path / "many", [f"http://{at[name]}/v1" for name in SERVERS[:2]], sites)
    (many.root / "store.yaml").write_text(f"url: postgresql://postgres@{at['store']}/{database}\n")
    (many.root / "broker.yaml").write_text(f"url: nats://{at['broker']}\n")
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({"parts": parts, "faults": FAULTS}))
    command = [sys.executable, "-m", "agentflow", "chaos", "run", str(plan)]
    with (tmp_path / "said").open("w") as said:
        chaos = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        events = asyncio.run(conversation(nats, chaos))
    finally:
        chaos.terminate()
        code = chaos.wait()
        print((tmp_path / "said").read_text())
    assert code == 0
    log = read_log(plan.with_suffix(".jsonl"))
    assert sorted(line["part"] for line in log if line["did"] == "over") == sorted(parts), "each was killed once"

    own_server.start()
    monkeypatch.setenv(VARIABLE, own_server.url(database))
    assert reports(own_server.url(database)) == expected
    for id in QUESTIONS:
        assert first_seen(events, id) == log_of(many.root, id)
        numbers = [event["seq"] for event in events if event.get("run") == id]
        assert numbers == sorted(numbers) and states(events, id)[0] in ("queued", "running")
