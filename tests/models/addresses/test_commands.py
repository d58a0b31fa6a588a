"""`agentflow models status`, `drain`, `list` and `doctor` on real servers; and what models.yaml refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentflow import bundled
from agentflow.cli import app
from agentflow.errors import ConfigError
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.catalog.reach import BalanceConfig
from agentflow.models.client.server_metrics import load

from .servers import KEY, Several

NOBODY = "http://127.0.0.1:9/v1"
ENTRY = "roles: {{default: cluster}}\nmodels:\n  cluster: {{backend: endpoint, model: starter, api_key_env: K, url: [{}]}}\n"


@pytest.fixture
def project(three: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K", KEY)
    (tmp_path / "models.yaml").write_text(ENTRY.format(", ".join([*three.urls[:2], NOBODY])), "utf-8")
    return tmp_path


def agentflow(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--project", str(project)])


def states(project: Path) -> dict[str, str]:
    rows = json.loads(agentflow(project, "models", "status", "cluster", "--json").output)["models"]["cluster"]
    return {row["name"]: row["state"] for row in rows}


def test_status_tells_which_addresses_answer_and_drain_takes_one_out(project: Path, three: Several) -> None:
    first, second, _ = three.urls
    assert states(project) == {first: "answers", second: "answers", NOBODY: "silent"}
    told = agentflow(project, "models", "drain", "cluster", first)
    assert told.output == f"new calls of cluster go to {second}, {NOBODY}\n"
    assert states(project) == {first: "drained", second: "answers", NOBODY: "silent"}
    assert agentflow(project, "models", "drain", "cluster", first, "--undo").exit_code == 0
    assert states(project)[first] == "answers"


def test_status_says_why_an_address_is_silent(project: Path) -> None:
    shown = agentflow(project, "models", "status", "cluster").output
    assert "silent" in shown
    assert "no server answers at" in shown


def test_doctor_notes_a_silent_address_and_goes_on_while_another_answers(project: Path) -> None:
    findings = json.loads(agentflow(project, "doctor", "--json").output)["findings"]
    found = [finding for finding in findings if finding["text"].startswith("cluster")]
    assert [finding["state"] for finding in found] == ["ok", "ok", "note"]
    (project / "models.yaml").write_text(ENTRY.format(NOBODY), "utf-8")
    report = agentflow(project, "doctor", "--json")
    assert report.exit_code == 1
    assert f"cluster: {NOBODY} silent" in report.output


def test_list_counts_the_addresses(project: Path) -> None:
    rows = json.loads(agentflow(project, "models", "list", "--json").output)["models"]
    assert next(row["addresses"] for row in rows if row["name"] == "cluster") == 3
    assert "endpoint x3" in agentflow(project, "models", "list").output


def test_the_example_of_the_docs_is_a_models_file(tmp_path: Path) -> None:
    page = (bundled.ROOT / "docs" / "addresses.md").read_text("utf-8")
    (tmp_path / "models.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], "utf-8")
    found = load_catalog([tmp_path / "models.yaml"])
    assert len(found.resolve("reader").addresses) == 3
    assert found.models["cluster"].balance == BalanceConfig()
    assert found.models["trio"].addresses == ("trio#1", "trio#2", "trio#3")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{backend: endpoint, url: [http://a/v1, http://b/v1]}", "several addresses need the key 'model'"),
        ("{backend: endpoint, model: m, url: [http://a/v1, http://a/v1/]}", "url names an address twice"),
        ("{backend: endpoint, model: m, url: [ftp://a]}", "should match pattern"),
        ("{backend: llama, weights: w.gguf, replicas: 2, port: 8080}", "replicas need backend: llama"),
        ("{backend: vllm, weights: 'hf:a/b', replicas: 2}", "replicas need backend: llama"),
    ],
)
def test_models_yaml_refuses_what_cannot_be(tmp_path: Path, entry: str, message: str) -> None:
    (tmp_path / "models.yaml").write_text(f"models: {{m: {entry}}}\n", "utf-8")
    with pytest.raises(ConfigError, match=message):
        load_catalog([tmp_path / "models.yaml"])


def test_a_load_is_read_from_each_servers_metrics() -> None:
    assert load('vllm:num_requests_running{model_name="m"} 3.0\nvllm:num_requests_waiting{model_name="m"} 1.0\n') == (
        3,
        1,
    )
    assert load('agentflow_running{model="a"} 1\nagentflow_running{model="b"} 2\nagentflow_waiting{model="a"} 0\n') == (
        3,
        0,
    )
    assert load("") == (None, None)
