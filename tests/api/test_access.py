"""Who gets into the API and to what: tokens, certificates, grants; and the log of all that."""

import asyncio
import json
import os
import socket
import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from agentflow.errors import Unauthorized
from agentflow.identity.audit import Audit
from agentflow.identity.caller import Grants
from agentflow.identity.callers import Callers
from agentflow.identity.keys import Keys
from agentflow.identity.peer import user_of
from agentflow.identity.settings import Access
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from tests.api.conftest import Api
from tests.identity.issuer import AUDIENCE, NAME, Issuer
from tests.sites.harness import Authority
from tests.worker.harness import write_project

LATER = {"graph": "tiny", "not_before": 9e9}


def log_of(api: Api) -> Audit:
    state = api.root / ".agentflow"
    return Audit(RunStore(state / "agentflow.db"), state, "api")


def store_of(api: Api) -> RunStore:
    return RunStore(api.root / ".agentflow" / "agentflow.db")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Api]:
    """An API that takes tokens: Ann may start one graph, Bob has a little of everything."""
    root = write_project(tmp_path_factory.mktemp("tokens") / "project")
    callers = {
        "ann": {"graphs": ["tiny"], "runs": 1},
        "bob": {"tokens_a_day": 1000, "sites": [], "models": []},
        "partner": {"site": {"release": "claims"}},
    }
    trusted = {"audience": AUDIENCE, "keys": issuer.url, "callers": callers}
    (root / "access.yaml").write_text(json.dumps({"issuers": {NAME: trusted}}))
    api = Api(root)
    api.start()
    yield api
    assert api.stop() == 0


def test_a_token_is_the_same_caller_as_a_key_of_that_name(served: Api, issuer: Issuer) -> None:
    ann = served.client_of(issuer.token("ann"))
    mine = ann.post("/runs", json=LATER).json()
    assert mine["requested_by"] == "ann"
    assert ann.post("/runs", json=LATER).json()["error"]["kind"] == "share_spent"
    assert ann.post("/runs", json={**LATER, "graph": "other"}).status_code == 403
    told = [(row.caller, row.operation, row.outcome) for row, _ in log_of(served).rows()][-3:]
    start = f"start {mine['id']}"
    assert told == [("ann", start, "answered"), ("ann", "start", "share_spent"), ("ann", "start", "forbidden")]
    by_key = served.client_of(Keys(store_of(served), "").add("ann", Grants()))
    assert [run["id"] for run in by_key.get("/runs").json()["runs"]] == [mine["id"]]
    assert served.client_of(issuer.token("bob")).get(f"/runs/{mine['id']}").status_code == 404


@pytest.mark.parametrize(
    "change", [{"seconds": -600}, {"aud": "another"}, {"kid": "unknown"}, {"sub": "eve"}, {"sub": "partner"}], ids=str
)
def test_wrong_tokens_are_refused_and_written_down(served: Api, issuer: Issuer, change: dict[str, Any]) -> None:
    answer = served.client_of(issuer.token(**{"subject": "ann", **change})).get("/runs")
    assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    row = [row for row, _ in log_of(served).rows()][-1]
    assert (row.operation, row.outcome) == ("list", "unauthorized")


def test_a_stream_ends_when_its_token_expires(served: Api, issuer: Issuer) -> None:
    run = served.client.post("/runs", json={**LATER, "id": "watched"}).json()["id"]
    store = store_of(served)
    with store.write():
        store.database.execute("UPDATE runs SET requested_by = 'ann' WHERE id = ?", [run])
    ann = served.client_of(issuer.token("ann", seconds=-8.5))  # within the seconds that clocks may differ
    began = time.monotonic()
    with ann.stream("GET", f"/runs/{run}/events") as answer:
        assert answer.status_code == 200 and "State" in answer.read().decode()
    assert time.monotonic() - began < 60


def test_tokens_of_a_day_are_held_by_runs_that_go_on(served: Api, issuer: Issuer) -> None:
    bob = served.client_of(issuer.token("bob"))
    first = bob.post("/runs", json={**LATER, "limits": {"tokens": 600}}).json()["id"]
    second = bob.post("/runs", json=LATER).json()["id"]
    store = store_of(served)
    assert store.load(second).limits["tokens"] == 400, "what is left of the day"
    refused = bob.post("/runs", json=LATER)
    assert refused.status_code == 429 and "1,000 tokens a day" in refused.json()["error"]["message"]
    store.settle(first, RunStatus.DONE, spent={"tokens": 50})
    third = bob.post("/runs", json={**LATER, "limits": {"tokens": 5000}}).json()["id"]
    assert store.load(third).limits["tokens"] == 550, "what was not spent is given back"
    bob.post(f"/runs/{third}/resume", json={"limits": {"tokens": 1_000_000}})
    assert store.load(third).limits["tokens"] == 550, "nor does a run that waits get more"
    assert store.load(third).sites == [], "its worker asks no site"


def test_changed_removed_and_cut_rows_of_the_log_are_named(served: Api, tmp_path: Path) -> None:
    for _ in range(4):
        served.client.post("/search", json={"query": "tower"})
    log = log_of(served)
    head, last = log.head(), [row for row, _ in log.rows()][-1]
    assert log.verify(head) == []
    assert (last.caller, last.operation, last.outcome) == ("owner", "search", "answered") and last.bytes > 0

    def after(change: str) -> str:
        for path in served.root.joinpath(".agentflow").glob("*.*"):
            if path.is_file():
                (tmp_path / path.name).write_bytes(path.read_bytes())
        with sqlite3.connect(tmp_path / "agentflow.db") as database:
            database.execute(change)
        database.close()
        return "; ".join(Audit(RunStore(tmp_path / "agentflow.db"), tmp_path, "api").verify(head))

    assert "row 2 is not what was written" in after("UPDATE api_audit SET caller = 'eve' WHERE number = 2")
    assert "row 2 is missing" in after("DELETE FROM api_audit WHERE number = 2")
    assert "cut off" in after(f"DELETE FROM api_audit WHERE number > {last.number - 2}")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Api]:
    root = write_project(tmp_path_factory.mktemp("mtls") / "project")
    certificate, private = authority.issue("api.example")
    clinic = {"clinic.example": {"graphs": ["tiny"], "runs": 1}}
    tls = {"certificate": str(certificate), "private_key": str(private), "clients": str(authority.certificate)}
    (root / "access.yaml").write_text(json.dumps({"api": {**tls, "callers": clinic}}))
    api = Api(root)
    api.start()
    assert api.url.startswith("https://")
    yield api
    assert api.stop() == 0


Connect = Callable[[tuple[Path, Path] | None, str], httpx.Client]


@pytest.fixture
def connect(secured: Api, authority: Authority) -> Connect:
    def client(pair: tuple[Path, Path] | None, key: str = "") -> httpx.Client:
        trusted = ssl.create_default_context(cafile=authority.certificate)
        if pair:
            trusted.load_cert_chain(*pair)
        return secured.client_of(key, trusted)

    return client


def test_a_certificate_is_a_caller_where_it_is_named_and_else_needs_a_key(
    secured: Api, connect: Connect, authority: Authority
) -> None:
    clinic = connect(authority.issue("clinic.example"), "")
    assert clinic.post("/runs", json=LATER).json()["requested_by"] == "clinic.example"
    assert clinic.post("/runs", json={**LATER, "graph": "other"}).status_code == 403
    other = authority.issue("other.example")
    assert connect(other, "").get("/runs").status_code == 401
    assert connect(other, secured.key).get("/runs").status_code == 200


def test_no_foreign_or_expired_certificate_gets_in_and_each_is_written_down(
    secured: Api, connect: Connect, authority: Authority, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path / "foreign", "Others").issue("clinic.example")
    expired = authority.issue("late.example", days=-1)
    log = log_of(secured)
    for pair, reason in ((None, "peer did not return a certificate"), (foreign, "certificate: "), (expired, "expired")):
        before = len(list(log.rows()))
        with pytest.raises(httpx.TransportError):
            connect(pair, secured.key).get("/runs")
        end = time.monotonic() + 60
        while len(rows := [row for row, _ in log.rows()]) == before:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert rows[-1].operation == "connect" and reason in rows[-1].outcome, rows[-1]


def test_the_user_who_runs_the_api_needs_no_key_at_its_socket(tmp_path: Path) -> None:
    at = tmp_path / "api.sock"
    api = Api(write_project(tmp_path / "project"), socket=at)
    api.start()
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(at)), base_url="http://localhost") as local:
        assert local.post("/runs", json=LATER).json()["requested_by"] == "owner"
    assert at.stat().st_mode & 0o777 == 0o600
    assert api.client_of("").get("/runs").status_code == 401, "the port asks for a key all the same"
    assert api.stop() == 0


def test_another_user_at_the_socket_is_not_the_owner(tmp_path: Path) -> None:
    server, client = socket.socketpair()
    with server, client:
        assert user_of(server) == os.getuid()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert user_of(listener) is None
    keys = Keys(RunStore(tmp_path / "runs.db"), "owner-of-twenty-letters")
    callers = Callers(keys, Access(), tmp_path)
    for user, known in ((os.getuid(), True), (os.getuid() + 1, False), (None, False)):
        request = HTTPConnection({"type": "http", "headers": [], "state": {"user": user, "peer": ""}})
        with nullcontext() if known else pytest.raises(Unauthorized):
            assert asyncio.run(callers.caller(request)).owner
