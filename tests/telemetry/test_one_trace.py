"""One question over API, worker, site and model server is one trace, and no word of it is in the trace."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import Api
from tests.sites.harness import Site, key_for, sites_yaml, write_project
from tests.telemetry.collecting import Collecting
from tests.worker.harness import Slots, wait

QUESTION = "When was the mill of Ardenbrook built?"
CLIENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collecting]:
    with Collecting() as collecting:
        yield collecting


def test_one_question_over_all_parts_is_one_trace(
    collecting: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = write_project(tmp_path / "lab", {"docs/mill.md": "# Mill\n\nThe mill of Ardenbrook was built in 1842.\n"})
    monkeypatch.setenv("LAB_KEY", key_for(lab))
    for folder in ("lab", "ann"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "telemetry.yaml").write_text(json.dumps({"traces": collecting.url}))
    with Site(lab) as site:
        write_project(tmp_path / "ann", sites=sites_yaml(lab={"url": site.url, "key": "LAB_KEY", "seconds": 60}))
        api = Api(tmp_path / "ann")
        api.start()
        with Slots(tmp_path / "ann") as slots:
            slots.start()
            headers = {"traceparent": CLIENT}
            run = api.client.post("/runs", json={"question": QUESTION}, headers=headers).json()["id"]
            wait(lambda: api.client.get(f"/runs/{run}").json()["state"] == "answered")
            report = api.client.get(f"/runs/{run}/report?format=md").text
            wait(lambda: bool(collecting.of("worker")))
        assert api.stop() == 0
    assert "1842" in report
    wait(lambda: bool(collecting.of("server")))
    trace = CLIENT.split("-")[1]
    ours = [span for span in collecting.spans if span.trace == trace]
    names = {span.span: span for span in ours}
    assert len(names) == len(ours)
    assert {span.service for span in ours} == {f"agentflow-{part}" for part in ("api", "worker", "site", "server")}
    start = next(span for span in ours if span.name == "POST /runs")
    workflow = next(span for span in ours if span.name == "invoke_workflow research")
    assert start.parent == CLIENT.split("-")[2] and workflow.parent == start.span
    searched = next(span for span in ours if span.name == "POST /search")
    assert names[searched.parent].name.startswith("step ")
    answered = next(span for span in ours if span.name == "POST /v1/chat/completions")
    assert names[answered.parent].name.startswith("chat ") and names[answered.parent].service == "agentflow-worker"
    assert answered.attributes["gen_ai.usage.input_tokens"] > 0
    sent = collecting.bytes.decode("utf-8", "replace").lower()
    assert not any(word in sent for word in ("ardenbrook", "mill", "1842"))
