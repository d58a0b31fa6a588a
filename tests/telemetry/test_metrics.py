"""What Prometheus reads of API, worker, site and model server, and that the dashboard asks for nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from agentflow import bundled
from agentflow.api.metrics import ApiMetrics
from agentflow.federation.settings import SiteGrant
from agentflow.identity.audit import Audit
from agentflow.identity.caller import Grants
from agentflow.identity.keys import Keys
from agentflow.project import Project
from agentflow.runs.store import RunStore
from agentflow.worker.metrics import WorkerMetrics, served
from tests.api.conftest import Api
from tests.postgres import place_of
from tests.serving.command import KEY
from tests.serving.command import served as model_server
from tests.sites.harness import Site, key_for
from tests.sites.harness import write_project as write_lab
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


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_lab(tmp_path_factory.mktemp("site") / "lab", {"mill.md": "# Mill\n\nThe mill was built in 1842.\n"})


@pytest.fixture(scope="module")
def of_site(lab: Project) -> str:
    """The metrics of a site that answered two searches, refused three requests, and told no caller of it."""
    store = RunStore(lab.database)
    prometheus = Keys(store, "").add("prometheus", Grants(graphs=[]))
    store.close()
    asker, judged = key_for(lab), key_for(lab, "judged", SiteGrant(release="claims"))
    with Site(lab) as site, httpx.Client(base_url=site.url, timeout=60) as client:

        def ask(key: str, path: str = "/search") -> int:
            headers = {"Authorization": f"Bearer {key}"}
            answer = (
                client.get(path, headers=headers)
                if path == "/metrics"
                else client.post(path, json={"query": "When was the mill built?"}, headers=headers)
            )
            return answer.status_code

        assert [ask(key) for key in (asker, asker, judged, "wrong")] == [200, 200, 403, 401]
        assert ask(asker, "/metrics") == 401
        return client.get("/metrics", headers={"Authorization": f"Bearer {prometheus}"}).text


def test_a_site_counts_what_it_answered_refused_and_handed_out(of_site: str, lab: Project) -> None:
    def counted(operation: str, outcome: str) -> float:
        return value(of_site, f'agentflow_site_requests_total{{operation="{operation}",outcome="{outcome}"}}')

    assert counted("search", "answered") == 2 and value(of_site, 'agentflow_site_seconds_total{operation="search"}') > 0
    assert value(of_site, 'agentflow_site_released_total{operation="search"}') == 2
    assert (
        counted("search", "forbidden") == counted("search", "unauthorized") == counted("metrics", "unauthorized") == 1
    )
    rows = [row for row, _ in Audit(RunStore(lab.database), lab.state, "site").rows()]
    assert [(row.operation, row.outcome) for row in rows][-1] == ("metrics", "unauthorized"), "scrapes are no rows"


def test_every_metric_of_the_dashboard_is_exported(tmp_path: Path, of_site: str) -> None:
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
    assert asked - exported(of_api) - exported(of_server) - exported(of_site) == set()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", of_api + of_server + of_site, re.MULTILINE))
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
