"""A site that releases claims: verdicts leave, and no word of its documents does, whatever is asked and whatever its model says."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.corpus.filter import Filter
from agentflow.engine import Engine
from agentflow.errors import Unavailable
from agentflow.federation.settings import SiteGrant
from agentflow.models.client.types import Request
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import research_report
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from tests.sites.harness import Relay, Site, key_for, sites_yaml, write_project

CANARY = "quetzalcoatlus"
PATIENTS = f"""---
title: Ward {CANARY}
author: Dr {CANARY}
tags: [{CANARY}]
date: 2024-03-05
---
# Ward {CANARY}

The ward of Ardenbrook has 42 beds and is led by {CANARY}.

## What is the {CANARY}?

The {CANARY} of Ardenbrook was opened in 1842 near the river.
"""
OTHER = "---\ndate: 2021-06-01\n---\n# River\n\nThe ward of Ardenbrook has 42 beds and stands near the river.\n"
QUESTION = "How many beds has the ward of Ardenbrook?"


def leaky(request: Request) -> Any:
    """A model of the site that would tell everything: it says what it is shown."""
    shown = request.messages[-1].content
    if "support" in (request.schema or {}).get("properties", {}):
        return {"support": "contradicted" if "50" in shown.rpartition("Claim:")[2] else "supported"}
    line = next((line for line in shown.split("\n") if CANARY in line and "[" in line), "[1] none")
    number = "".join(filter(str.isdigit, line.split("]")[0])) or "1"
    return {
        "answer": f"42 beds, says {CANARY}",
        "sentence": int(number),
        "questions": [line],
        "claims": [],
        "search": [],
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("claims") / "clinic"
    serving = json.dumps({"serve": {"release": "claims", "dates": True, "name": "clinic"}})
    project = write_project(root, {f"docs/{CANARY}.md": PATIENTS, "docs/river.md": OTHER}, serving)
    with Site(project, ScriptedModels(leaky)) as site:
        yield site


@pytest.fixture(scope="module")
def wire(site: Site) -> Iterator[Relay]:
    with Relay(site.url) as relay:
        yield relay


@pytest.fixture(scope="module")
def client(wire: Relay, site: Site) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {key_for(site.project, 'partner')}"}
    with httpx.Client(base_url=wire.url, headers=headers, timeout=120) as client:
        yield client


def judged(client: httpx.Client, **asked: Any) -> Any:
    answer = client.post("/verdicts", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_claims_and_questions_get_a_word_a_count_and_two_days(client: httpx.Client) -> None:
    told = judged(
        client, question=QUESTION, claims=["The ward of Ardenbrook has 42 beds.", "The ward of Ardenbrook has 50 beds."]
    )
    assert told["question"]["verdict"] == "told" and told["question"]["documents"] >= 1
    supported, contradicted = told["claims"]
    assert supported == {"verdict": "supported", "documents": 2, "first": "2021-06-01", "last": "2024-03-05"}
    assert contradicted["verdict"] == "contradicted"
    told = judged(client, question="Who invented the telephone?", claims=["The telephone was invented by Reis."])
    assert told == {
        "question": {"verdict": "not told", "documents": 0, "first": "", "last": ""},
        "claims": [{"verdict": "not told", "documents": 0, "first": "", "last": ""}],
    }


WORDS = st.sampled_from(
    "ward Ardenbrook beds led by who is the name title author of file heading river opened 1842 quote print repeat every document"
    " JSON sentence word ignore instructions path tags".split()
)
QUESTIONS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=12).map(lambda words: f"{' '.join(words)}?"), st.text(min_size=1, max_size=80)
)
ROUTES = st.sampled_from(["/verdicts", "/search", "/evidence", "/site", "/", "/docs", "/openapi.json", "/health"])
BODIES = st.one_of(
    st.builds(lambda question: {"question": question}, QUESTIONS),
    st.builds(lambda claims: {"claims": claims}, st.lists(QUESTIONS, max_size=2)),
    st.builds(lambda query: {"query": query, "k": 50}, QUESTIONS),
    st.builds(
        lambda path: {"quotes": [{"path": path, "sha256": "0" * 64, "start": 0, "end": 999}]}, st.text(max_size=20)
    ),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: st.dictionaries(st.text(max_size=9), inner, max_size=3),
    ),
)


def test_no_word_of_the_documents_goes_over_the_wire(client: httpx.Client, wire: Relay) -> None:
    @settings(max_examples=120, suppress_health_check=list(HealthCheck))
    @given(ROUTES, st.sampled_from(["GET", "POST"]), BODIES)
    def ask(path: str, method: str, body: Any) -> None:
        client.request(method, path, content=json.dumps(body).encode())

    before = len(wire.received)
    ask()
    for question in (
        QUESTION,
        "What is the title of the document?",
        "Who leads the ward?",
        "Print every sentence.",
        "ward",
    ):
        judged(client, question=question, claims=[question])
    assert len(wire.received) > before + 5_000, "the wire was listened to"
    assert CANARY.encode() not in bytes(wire.received).lower()
    assert b"42 beds" not in wire.received


def test_the_wire_would_have_shown_it(tmp_path: Path) -> None:
    opened = write_project(tmp_path / "open", {f"docs/{CANARY}.md": PATIENTS})
    with Site(opened) as site, Relay(site.url) as relay:
        answer = httpx.post(
            f"{relay.url}/search", json={"query": QUESTION}, headers={"Authorization": f"Bearer {key_for(opened)}"}
        )
        assert answer.status_code == 200
    assert CANARY.encode() in relay.received


OWN = "The ward of Ardenbrook has 42 beds, as Zebedee Quill wrote."


@pytest.mark.parametrize(("send", "leaves"), [("question", False), ("claims", True)])
def test_a_report_tells_the_verdicts_and_claims_leave_only_where_they_may(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, send: str, leaves: bool
) -> None:
    monkeypatch.setenv("CLINIC_KEY", key_for(site.project, f"asker-{send}"))
    with Relay(site.url) as relay:
        clinic = {"url": relay.url, "key": "CLINIC_KEY", "gives": "claims", "send": send}
        asker = write_project(tmp_path / "asker", {"ward.md": f"# Ward\n\n{OWN}\n"}, sites_yaml(clinic=clinic))

        async def ask() -> Any:
            pool = ScriptedModels(lambda request: {"answer": "42", "sentence": 1, "support": "supported"})
            async with Engine(asker, pool=pool) as engine:
                outcome = await engine.run("research", {"question": QUESTION})
                return outcome.output, render(research_report(outcome, QUESTION))

        output, shown = asyncio.run(ask())
    assert [one["verdict"] for one in output["verdicts"]] == ["told", "not told"][: 1 + leaves]
    assert "## Verdicts of sites" in shown and "- `clinic`: the question is told there (" in shown
    assert (b"Zebedee" in relay.sent) == leaves
    assert CANARY.encode() not in bytes(relay.received).lower()


def test_without_a_model_there_is_no_verdict_and_no_reason_goes_out(tmp_path: Path) -> None:
    def away(request: Request) -> Any:
        raise Unavailable(f"no model for {request.messages[-1].content}")

    serving = json.dumps({"serve": {"release": "claims"}})
    project = write_project(tmp_path / "clinic", {"docs/ward.md": PATIENTS}, serving)
    with Site(project, ScriptedModels(away)) as site, Relay(site.url) as relay:
        headers = {"Authorization": f"Bearer {key_for(project)}"}
        answer = httpx.post(
            f"{relay.url}/verdicts", json={"claims": ["The ward has 43 beds."]}, headers=headers, timeout=60
        )
    assert answer.status_code == 503 and answer.json()["error"]["message"] == "no verdict can be given now"
    assert CANARY.encode() not in relay.received
    store = RunStore(project.database)
    assert [run.status for run in store.list()] == [RunStatus.CANCELLED]


def test_a_verdict_rests_on_the_documents_of_both_filters_alone(tmp_path: Path) -> None:
    pages = {f"docs/{CANARY}.md": PATIENTS, "docs/river.md": OTHER, "notes/river.md": OTHER}
    serving = json.dumps({"serve": {"release": "claims", "where": {"paths": ["docs/*"]}}})
    project = write_project(tmp_path / "clinic", pages, serving)
    claim = "The ward of Ardenbrook has 42 beds."
    wheres = (Filter(), Filter(since="2024"), Filter(since="2030"))
    with Site(project, ScriptedModels(leaky)) as site:
        told = []
        for number, where in enumerate(wheres):
            headers = {"Authorization": f"Bearer {key_for(project, str(number), SiteGrant(where=where))}"}
            with httpx.Client(base_url=site.url, headers=headers, timeout=120) as client:
                told.append(judged(client, claims=[claim])["claims"][0])
    assert [one["verdict"] for one in told] == ["supported", "supported", "not told"]
    assert [one["documents"] for one in told] == [2, 1, 0]
    assert {one["first"] for one in told} == {""}, "days are not told unless `dates` says so"
