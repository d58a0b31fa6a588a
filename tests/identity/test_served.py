"""The model server knows the project's keys and tokens beside its own key, and holds each to its grants."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentflow.federation.settings import SiteGrant
from agentflow.identity.caller import Grants
from agentflow.identity.keys import Keys
from agentflow.runs.store import RunStore
from tests.identity.issuer import AUDIENCE, NAME, Issuer
from tests.serving.command import KEY, served
from tests.sites.harness import write_project
from tests.worker.harness import wait

ASKED = {"messages": [{"role": "user", "content": "Tell me of the mill."}], "max_tokens": 8}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Path:
    root = tmp_path_factory.mktemp("served") / "project"
    write_project(root)
    callers = {
        "ann": {"models": ["starter"]},
        "bob": {"models": ["another"]},
        "carl": {"tokens_a_day": 10},
        "dora": {"tokens_a_day": 10},
    }
    trusted = {"audience": AUDIENCE, "keys": issuer.url, "callers": callers}
    (root / "access.yaml").write_text(json.dumps({"issuers": {NAME: trusted}}))
    return root


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    with served(root) as url:
        yield url


def ask(url: str, shown: str, path: str = "/v1/chat/completions", body: Any = ASKED) -> httpx.Response:
    return httpx.post(url + path, json=body, headers={"Authorization": f"Bearer {shown}"}, timeout=120)


def test_keys_and_tokens_of_the_project_open_the_models_that_they_grant(url: str, root: Path, issuer: Issuer) -> None:
    store = RunStore(root / ".agentflow" / "agentflow.db")
    key = Keys(store, "").add("program", Grants())
    for shown in (KEY, key, issuer.token("ann")):
        assert ask(url, shown).status_code == 200
    refused = ask(url, issuer.token("bob"))
    assert refused.status_code == 403 and "no grant for the model starter" in refused.json()["error"]["message"]
    assert ask(url, issuer.token("ann"), "/cache/clear", {}).status_code == 403
    assert ask(url, KEY, "/cache/clear", {}).status_code == 200
    Keys(store, "").revoke("program")
    of_site = Keys(store, "").add("site", Grants(graphs=[], site=SiteGrant()))
    for wrong in (key, of_site, "wrong", issuer.token("eve"), issuer.token("ann", seconds=-600)):
        assert ask(url, wrong).status_code == 401, wrong


def test_tokens_of_a_day_are_counted_also_of_streams(url: str, issuer: Issuer) -> None:
    carl = issuer.token("carl")
    assert ask(url, carl, body={**ASKED, "stream": True}).status_code == 200
    refused = ask(url, carl)
    assert refused.status_code == 429 and refused.json()["error"]["code"] == "share_spent"
    assert "retry-after" in refused.headers


def test_an_answer_that_is_given_up_is_counted_too(url: str, issuer: Issuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.token('dora')}"}
    body = {**ASKED, "max_tokens": 400, "stream": True}
    with httpx.stream("POST", f"{url}/v1/chat/completions", json=body, headers=headers, timeout=120) as answer:
        assert answer.status_code == 200 and next(answer.iter_lines())
    wait(lambda: ask(url, issuer.token("dora"), "/tokenize", {"content": "a mill"}).status_code == 429)
