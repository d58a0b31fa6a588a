"""What Prometheus reads of API, worker and model server, and that the dashboard asks for nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx

from agentflow import bundled
from agentflow.api.metrics import ApiMetrics
from agentflow.runs.store import RunStore
from agentflow.worker.metrics import WorkerMetrics, served
from tests.api.conftest import Api
from tests.postgres import place_of
from tests.serving.command import KEY
from tests.serving.command import served as model_server
from tests.worker.harness import enqueue, write_project

DASHBOARD = json.loads((bundled.ROOT / "docs" / "grafana.json").read_text())


def exported(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\w+) (?:counter|gauge)$", text, re.MULTILINE))


def value(text: str, sample: str) -> float:
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    assert found, f"{sample} is not in\n{text}"
    return float(found[1])


def test_a_worker_counts_what_its_slots_did(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project")
    enqueue(root, [{}, {}, {"harm": "bug"}], attempts=1)
    command = [sys.executable, "-m", "agentflow", "worker", "--until-empty", "--metrics", "0", "--json"]
    process = subprocess.Popen([*command, "--project", str(root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    texts, url = [], ""
    for line in process.stdout:
        facts = json.loads(line)
        url = facts.get("url", url)
        if facts["said"] in ("ended", "failed"):
            texts.append(httpx.get(url).text)
    assert process.wait() == 0
    process.stdout.close()
    last = texts[-1]
    assert value(last, "agentflow_worker_claimed_total{}") == 3 and value(last, "agentflow_worker_slots{}") == 1
    assert value(last, 'agentflow_worker_ended_total{status="answered"}') == 2
    assert value(last, "agentflow_worker_failed_total{}") == 1 and value(last, "agentflow_worker_busy{}") == 0
    assert value(last, "agentflow_worker_run_seconds_total{}") > 0


def test_metrics_of_a_worker_stay_on_this_machine() -> None:
    with served(WorkerMetrics(print), 2, 0) as url:
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(url).status_code == 200 and httpx.get(url.replace("metrics", "")).status_code == 404


def test_every_metric_of_the_dashboard_is_exported(tmp_path: Path) -> None:
    api = Api(write_project(tmp_path / "project"))
    api.start()
    api.client.post("/runs", json={"graph": "tiny"})
    assert api.client_of("").get("/metrics").status_code == 401
    of_api = api.client.get("/metrics").text
    assert (
        value(of_api, 'agentflow_runs{state="queued"}') == 1 and value(of_api, "agentflow_queue_oldest_seconds{}") >= 0
    )
    assert value(of_api, 'agentflow_api_requests_total{operation="start",outcome="answered"}') == 1
    assert api.stop() == 0
    with model_server(api.root) as url:
        of_server = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {KEY}"}).text
    targets = [target for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    asked = {name for target in targets for name in re.findall(r"agentflow_\w+", target["expr"])}
    assert len(asked) > 20
    assert asked - exported(of_api) - exported(of_server) == set()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", of_api + of_server, re.MULTILINE))
    for target in targets:  # a counter only ever grows: what is shown is how fast
        for name in re.findall(r"agentflow_\w+", target["expr"]):
            rated = re.search(rf"(?:rate|increase)\({name}\[", target["expr"])
            assert bool(rated) == (kinds[name] == "counter"), target["expr"]


def test_the_queue_is_told_from_either_database(tmp_path: Path, each_database: str) -> None:
    root = write_project(tmp_path / "project")
    enqueue(root, [{}, {}])
    enqueue(root, [{}], not_before=9e9)
    store = RunStore(place_of(root))
    told = ApiMetrics(WorkerMetrics(print), 0).exposition(store, followers=0)
    assert value(told, 'agentflow_runs{state="queued"}') == 3
    assert 0 <= value(told, "agentflow_queue_oldest_seconds{}") < 200
    store.database.execute("DELETE FROM runs")
    assert value(ApiMetrics(WorkerMetrics(print), 0).exposition(store, 0), "agentflow_queue_oldest_seconds{}") == 0
    store.close()
