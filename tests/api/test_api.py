"""The API as a client meets it: start, follow, leave, come back, answer, steer; and what it refuses."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.api.errors import kind_of
from agentflow.api.openapi import document
from agentflow.api.operations import OPERATIONS
from agentflow.api.server import ApiConfig, serve
from agentflow.errors import AgentflowError, StoreFailed
from agentflow.identity.caller import Grants
from agentflow.identity.keys import Keys, owner_key
from agentflow.project import Project
from agentflow.runs.store import RunStore
from tests.api.conftest import Api
from tests.postgres import place_of
from tests.worker.harness import Slots


def start(api: Api, **body: Any) -> str:
    answer = api.client.post("/runs", json={"graph": "tiny", **body})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def follow(client: httpx.Client, run: str, last: str = "", most: int = 10_000) -> Iterator[tuple[str, str, Any]]:
    """(id, event, data) as they come; leaves after `most`."""
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", f"/runs/{run}/events", headers=headers) as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if "event" in fields:
                yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
                most -= 1
            fields = {}
            if most == 0:
                return


def until(api: Api, run: str, *states: str) -> dict[str, Any]:
    end = time.monotonic() + 200
    while (found := api.client.get(f"/runs/{run}").json())["state"] not in states:
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return dict(found)


def test_a_client_that_leaves_and_comes_back_misses_nothing(api: Api, slot: Slots) -> None:
    run = start(api, inputs={"marks": 5, "seconds": 0.1})
    seen = [event for event in follow(api.client, run, most=6) if event[0]]
    seen += [event for event in follow(api.client, run, last=seen[-1][0], most=3) if event[0]]
    seen += [event for event in follow(api.client, run, last=seen[-1][0]) if event[0]]
    whole = [event for event in follow(api.client, run) if event[0]]
    assert seen == whole and whole[0][1] == "RunStarted" and whole[-1][1] == "RunEnded"
    assert not whole[0][2]["resumed"]
    report = api.client.get(f"/runs/{run}/report").json()
    assert report["output"] == {"answer": "rivers"}
    assert api.client.get(f"/runs/{run}/report?format=md").text.startswith("# Run")


def test_a_restarted_server_goes_on_where_it_was(root: Path, tmp_path: Path, slot: Slots) -> None:
    api = Api(root)
    api.start()
    run = start(api, inputs={"marks": 4, "seconds": 0.1})
    last = [event for event in follow(api.client, run, most=4) if event[0]][-1][0]
    stream = follow(api.client, run, last=last)
    next(stream)
    assert api.stop() == 0, "a stream does not keep the server from ending"
    api.start()
    rest = [event for event in follow(api.client, run, last=last) if event[0]]
    assert rest[-1][1] == "RunEnded" and int(rest[0][0]) > int(last)
    assert api.stop() == 0


def test_a_question_is_answered_over_http(api: Api, slot: Slots) -> None:
    run = start(api, inputs={"harm": "ask"})
    found = until(api, run, "paused")
    assert found["question"][0]["value"] == {"ask": "Go on?"}
    assert api.client.post(f"/runs/{run}/resume", json={}).status_code == 409
    assert api.client.post(f"/runs/{run}/answer", json={"answer": "yes"}).json()["state"] == "queued"
    until(api, run, "answered")
    assert api.client.get(f"/runs/{run}/report").json()["output"] == {"answer": "yes"}
    assert api.client.post(f"/runs/{run}/answer", json={"answer": "yes"}).json()["error"]["kind"] == "conflict"


def test_pause_resume_fork_and_cancel(api: Api, slot: Slots) -> None:
    run = start(api, inputs={"marks": 30, "seconds": 0.1})
    until(api, run, "running")
    assert api.client.post(f"/runs/{run}/pause").status_code == 202
    until(api, run, "paused")
    assert api.client.post(f"/runs/{run}/resume", json={"limits": {"seconds": 600}}).json()["state"] == "queued"
    until(api, run, "running")
    api.client.post(f"/runs/{run}/cancel")
    until(api, run, "cancelled")
    assert api.client.post(f"/runs/{run}/resume", json={"limits": {"tokens": 1}}).status_code == 409
    store = RunStore(place_of(api.root), create=False)
    assert "tokens" not in store.load(run).limits, "what is refused changes nothing"
    store.close()
    forked = api.client.post(f"/runs/{run}/fork", json={"at": "001-one", "changes": {"marks": 1, "topic": "seas"}})
    assert forked.status_code == 202 and forked.json()["parent"] == run
    until(api, forked.json()["id"], "answered")
    assert api.client.get(f"/runs/{forked.json()['id']}/report").json()["output"] == {"answer": "seas"}


def test_the_same_request_with_an_id_is_the_same_run(api: Api) -> None:
    first = start(api, id="mine", not_before=9e9)
    assert start(api, id="mine", not_before=9e9) == first
    other = api.client.post("/runs", json={"graph": "tiny", "id": "mine", "inputs": {"topic": "else"}})
    assert other.status_code == 409
    assert api.client.get("/queue").json()["waiting"] >= 1
    assert "mine" in [run["id"] for run in api.client.get("/runs?status=queued").json()["runs"]]


def test_a_database_that_is_away_is_no_fault_of_the_request() -> None:
    assert kind_of(StoreFailed("cannot reach the database", "start its server")) == "unavailable"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/runs", {"graph": "nothing"}, 404),
        ("POST", "/runs", {"graph": "../../etc/passwd"}, 400),
        ("POST", "/runs", {"graph": "tiny", "inputs": {"marks": "many"}}, 400),
        ("POST", "/runs", {"graph": "tiny", "surprise": 1}, 400),
        ("POST", "/runs", {"graph": "tiny", "models": {"writer": "no such model"}}, 400),
        ("POST", "/runs", {"graph": "tiny", "id": "last"}, 400),
        ("GET", "/runs/no-such-run", None, 404),
        ("POST", "/runs", {"graph": "tiny", "models": {"no such role": "scripted"}}, 400),
        ("GET", "/runs?limit=0", None, 400),
        ("GET", "/runs?status=zz", None, 400),
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/runs", None, 405),
    ],
)
def test_what_is_refused_has_one_shape_and_says_what_to_do(
    api: Api, method: str, path: str, body: Any, status: int
) -> None:
    answer = api.client.request(method, path, json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"kind", "message", "hint"} and error["message"] and error["hint"]


def test_bodies_are_bounded(api: Api) -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    assert api.client.post("/runs", content=b" " * (1 << 20) + b"{}").status_code == 413
    assert api.client.post("/runs", json={"inputs": {"topic": deep}}).status_code == 400
    assert api.client.post("/runs", content=b"[" * 100_000).status_code == 400
    assert api.client.post("/runs", content=b'{"inputs": {"seconds": NaN}}').status_code == 400
    assert api.client.post("/runs", content=b'{"question": "\\ud800"}').status_code == 400


def test_nobody_without_a_key_or_under_another_name(api: Api) -> None:
    for key in ("", "wrong", "af_00000000_x"):
        assert api.client_of(key).get("/runs").status_code == 401
    assert api.client.get("/runs", headers={"Host": "evil.example"}).status_code == 403
    assert api.client_of("").get("/health").json() == {"status": "ok"}


def test_the_page_names_no_other_host_and_only_its_own_script(api: Api) -> None:
    answer = api.client_of("").get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src 'sha256-" in policy
    assert "http://" not in answer.text and "https://" not in answer.text
    assert "innerHTML" not in answer.text and " onclick" not in answer.text


def test_search_finds_passages(api: Api) -> None:
    hits = api.client.post("/search", json={"query": "How high is the tower of Aarhus?", "k": 3}).json()["hits"]
    assert hits[0]["path"].endswith("tower.md") and "40 metres" in hits[0]["text"]


def test_a_key_grants_graphs_tools_and_runs_at_once(api: Api, root: Path) -> None:
    keys = Keys(RunStore(root / ".agentflow" / "agentflow.db"), "")
    ann = api.client_of(keys.add("ann", Grants(graphs=["tiny"], runs=1)))
    bob = api.client_of(keys.add("bob", Grants(tools=[])))
    later = {"graph": "tiny", "not_before": 9e9}
    mine = ann.post("/runs", json=later).json()["id"]
    assert ann.post("/runs", json=later).status_code == 429
    assert ann.post("/runs", json={**later, "graph": "other"}).json()["error"]["kind"] == "forbidden"
    assert bob.post("/runs", json=later).json()["error"]["message"] == "'bob' has no grant for the tool mark"
    assert bob.get(f"/runs/{mine}").status_code == 404 and bob.get("/runs").json() == {"runs": []}
    assert [run["id"] for run in ann.get("/runs").json()["runs"]] == [mine]
    assert api.client.get(f"/runs/{mine}").json()["requested_by"] == "ann"
    assert ann.get("/graphs").json() == {"graphs": ["tiny"]}
    keys.revoke("ann")
    assert ann.get("/runs").status_code == 401
    stored = b"".join(path.read_bytes() for path in (root / ".agentflow").glob("agentflow.db*"))
    assert ann.headers["Authorization"].removeprefix("Bearer ").split("_", 2)[2].encode() not in stored


def test_the_owners_key_lies_outside_the_project_and_is_private(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with pytest.raises(AgentflowError, match="lies in the project's folder"):
        owner_key(project / "key", project)
    key, file = owner_key(tmp_path / "key", project)
    assert owner_key(file, project)[0] == key and file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(AgentflowError, match="others may read"):
        owner_key(file, project)


async def test_an_address_beyond_this_machine_is_asked_for(root: Path, tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match="can be reached from other machines"):
        await serve(Project(root), ApiConfig(host="0.0.0.0", key_file=tmp_path / "key"), lambda _: None)


def test_every_operation_is_described(api: Api) -> None:
    described = api.client_of("").get("/openapi.json").json()
    assert described == json.loads(json.dumps(document()))
    assert {(item.method.lower(), item.path) for item in OPERATIONS} == {
        (method, path) for path, methods in described["paths"].items() for method in methods
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({name for item in OPERATIONS if item.body for name in item.body.model_fields})
BODIES = JSON | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5)
EXAMPLES = int(os.environ.get("AGENTFLOW_EXAMPLES", "150"))
POSTS = [item for item in OPERATIONS if item.method == "POST" and item.do != "search"]  # which would start a model


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operation=st.sampled_from(POSTS), name=st.sampled_from(["mine", "no-such-run"]), body=BODIES)
def test_any_body_is_answered_or_refused(api: Api, operation: Any, name: str, body: Any) -> None:
    answer = api.client.post(operation.path.replace("{run}", name), content=json.dumps(body).encode())
    assert 200 <= answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) == {"kind", "message", "hint"}
