"""Queue, worker, two sites and two model servers, each killed once by a plan: the same reports as on one process."""

import asyncio
import json
import socket
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from agentflow.chaos.log import read_log
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.queue import Terms
from agentflow.runs.store import RunStore
from agentflow.runs.verify import verify
from agentflow.storage.place import VARIABLE, Place
from tests.models.addresses.servers import EXACT, KEY, STARTER, Several
from tests.postgres import Server
from tests.sites.harness import Site, key_for, sites_yaml, write_project

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(900)]
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
QUESTIONS = (
    "When was the mill of Ardenbrook built?",
    "How wide is the weir of Ardenbrook?",
    "Who opened the ward of Colmouth?",
    "How deep is the well of Colmouth?",
)
SERVERS = ("gpu1", "gpu2", *DOCUMENTS)


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    for name, documents in DOCUMENTS.items():
        monkeypatch.setenv(f"{name.upper()}_KEY", key_for(write_project(tmp_path / name, documents)))


def asker(root: Path, models: list[str], sites: dict[str, str]) -> Project:
    """A project without documents, which asks the sites."""
    asked = {name: {"url": url, "key": f"{name.upper()}_KEY", "seconds": 200} for name, url in sites.items()}
    project = write_project(root, sites=sites_yaml(**asked))
    model = {"backend": "endpoint", "url": models, "model": "starter", "api_key_env": "TEST_KEY"}
    (root / "models.yaml").write_text(json.dumps({"roles": {"default": "m"}, "models": {"m": model}}))
    return project


async def research(project: Project) -> None:
    async with Engine(project) as engine:
        for question in QUESTIONS:
            await engine.run("research", {"question": question})


async def enqueue(project: Project) -> None:
    async with Engine(project) as engine:
        for question in QUESTIONS:
            engine.enqueue("research", {"question": question}, terms=Terms(attempts=20))


def reports(place: Place) -> dict[str, Any]:
    """What each question came to, but for the moment at which a quote was received."""
    with closing(RunStore(place)) as store:
        runs = store.list()
        assert [fault for run in runs for fault in verify(store, run.id)] == []
        for quote in (quote for run in runs for quote in run.output["evidence"]):
            del quote["retrieved"]
        return {run.inputs["question"]: (run.status, run.output) for run in runs}


def parts_of(root: Path, database: str) -> dict[str, Any]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(9)]
        ports = iter([one.getsockname()[1] for one in sockets])
    parts: dict[str, Any] = {"store": {"listen": next(ports), "to": database}}
    for name in SERVERS:
        listen, to = next(ports), next(ports)
        if name in DOCUMENTS:
            run = f"agentflow site --project {name} --port {to} --json"
        else:
            orders = {"port": to, "api_key": KEY, "models": [{"name": "starter", "path": f"{STARTER}", **EXACT}]}
            (root / f"{name}.json").write_text(json.dumps(orders))
            run = f"{sys.executable} -m agentflow.serving --config {name}.json"
        parts[name] = {"run": run, "listen": listen, "to": to}
    return {**parts, "worker": {"run": "agentflow worker --project many --until-empty --json"}}


def test_the_reports_are_those_of_one_process(
    keys: None, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Site(Project(tmp_path / "lab")) as lab, Site(Project(tmp_path / "clinic")) as clinic, Several(1) as servers:
        one = asker(tmp_path / "one", servers.urls, {"lab": lab.url, "clinic": clinic.url})
        asyncio.run(research(one))
    expected = reports(one.store)
    assert {status for status, _ in expected.values()} == {"answered"} and len(expected) == len(QUESTIONS)

    parts = parts_of(tmp_path, f"{postgres.folder}/.s.PGSQL.5432")
    urls = {name: f"http://127.0.0.1:{part['listen']}" for name, part in parts.items() if "listen" in part}
    many = asker(
        tmp_path / "many", [f"{urls[name]}/v1" for name in SERVERS[:2]], {name: urls[name] for name in DOCUMENTS}
    )
    database = postgres.database()
    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, postgres.url(database))
        asyncio.run(enqueue(many))
    (many.root / "store.yaml").write_text(
        f"url: postgresql://postgres@127.0.0.1:{parts['store']['listen']}/{database}\n"
    )
    faults = [
        *({"do": "kill", "part": name, "at": {name: 2}} for name in SERVERS),
        {"do": "kill", "part": "worker", "at": {"lab": 5}},
        {"do": "cut", "part": "store", "at": {"lab": 7}},
    ]
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({"parts": parts, "until": "worker", "faults": faults}))
    done = subprocess.run(
        [sys.executable, "-m", "agentflow", "chaos", "run", plan], text=True, capture_output=True, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    struck = Counter(
        (line["part"], line["do"]) for line in read_log(plan.with_suffix(".jsonl")) if line["did"] == "over"
    )
    assert struck == Counter((fault["part"], fault["do"]) for fault in faults)
    assert reports(postgres.url(database)) == expected
