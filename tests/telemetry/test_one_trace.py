"""One question over API, worker, site and model server is one trace, and no word of it is in the trace."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.telemetry import traceparent
from tests.api.conftest import Api
from tests.sites.harness import Site, key_for, sites_yaml, write_project
from tests.telemetry.collecting import Collecting
from tests.worker.harness import Slots, enqueue, load, marks, wait
from tests.worker.harness import write_project as write_tiny

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


def test_a_run_whose_worker_is_killed_stays_one_trace_and_each_span_is_sent_once(
    collecting: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTFLOW_TRACES", collecting.url)
    root = write_tiny(tmp_path / "project")
    [run] = enqueue(root, [{"marks": 12, "seconds": 0.1}])
    with Slots(root) as slots:
        slots.start()
        wait(lambda: len(marks(root)) >= 3)
        slots.end()
        assert not collecting.spans
        slots.start()
        wait(lambda: load(root, run).status == "answered")
        wait(lambda: "step last" in {span.name for span in collecting.spans})
    spans = collecting.spans
    assert len({span.span for span in spans}) == len(spans) and len({span.trace for span in spans}) == 1
    stretches = [span for span in spans if span.name == "invoke_workflow tiny"]
    assert [span.attributes.get("agentflow.cut_off") is not None for span in stretches] == [True, False]
    steps = [span for span in spans if span.name == "step one" and "agentflow.cut_off" not in span.attributes]
    assert len(steps) == 12
    known = {span.span for span in spans}
    assert all(span.parent in known for span in spans if span not in stretches)


def test_a_trace_that_is_not_sampled_is_handed_on_and_not_kept(
    collecting: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTFLOW_TRACES", collecting.url)
    root = write_tiny(tmp_path / "project")
    api = Api(root)
    api.start()
    quiet = CLIENT.removesuffix("01") + "00"
    run = api.client.post("/runs", json={"graph": "tiny"}, headers={"traceparent": quiet}).json()["id"]
    other = api.client.post("/runs", json={"graph": "tiny"}, headers={"traceparent": "nonsense"}).json()["id"]
    with Slots(root, until_empty=True) as slots:
        slots.start()
        wait(lambda: load(root, other).status == "answered")
        wait(lambda: bool(collecting.of("worker")))
    assert api.stop() == 0
    assert load(root, run).trace.startswith(CLIENT[:36]) and load(root, run).trace.endswith("-00")
    assert CLIENT.split("-")[1] not in {span.trace for span in collecting.spans}


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True))
def test_whatever_a_traceparent_says_it_is_read_or_left_alone(text: str) -> None:
    found = traceparent.parse(text)
    if found:
        assert str(found)[:53] == text[:53] and traceparent.parse(str(found.child())) is not None
    else:
        assert not re.fullmatch(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", text)
