"""docs/access.md and docs/watching.md: their settings hold, their commands run in order, and grants are those of the code."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app
from agentflow.identity.audit import Audit
from agentflow.identity.caller import Grants
from agentflow.identity.settings import load_access
from agentflow.models.catalog.catalog import load_catalog
from agentflow.project import unmount
from agentflow.runs.store import RunStore
from agentflow.telemetry.settings import load_telemetry
from tests.sites.harness import write_project

ACCESS = (bundled.ROOT / "docs" / "access.md").read_text("utf-8")
WATCHING = (bundled.ROOT / "docs" / "watching.md").read_text("utf-8")


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def test_the_settings_of_both_pages_hold(tmp_path: Path) -> None:
    issuers, api, serve, models = blocks(ACCESS, "yaml")
    (tmp_path / "access.yaml").write_text(issuers + api + serve)
    access = load_access(tmp_path)
    issuer = access.issuers["https://login.example"]
    assert issuer.callers["clinic"].site_only and issuer.others and issuer.others.tools == []
    assert access.api.callers["clinic.example"].runs == 2
    assert access.serve.callers["worker.example"].models == ["smollm2-135m"]
    (tmp_path / "models.yaml").write_text(models)
    assert load_catalog([tmp_path / "models.yaml"]).models["cluster"].tls.trust == str(tmp_path / "ca.pem")
    (tmp_path / "telemetry.yaml").write_text(blocks(WATCHING, "yaml")[0])
    assert load_telemetry(tmp_path).traces.startswith("http://localhost") and not load_telemetry(tmp_path).content


def test_the_table_of_grants_is_whole() -> None:
    table = ACCESS.partition("| grant | means |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if row))) == set(
        Grants.model_fields
    )


def test_the_commands_of_both_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project(tmp_path / "project")
    Audit(RunStore(project.database), project.state, "api").write("ann", "start", "what?")
    monkeypatch.chdir(project.root)
    told = {}
    for block in [*blocks(ACCESS, "sh"), *blocks(WATCHING, "sh")]:
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if re.match(r"agentflow (api --|worker --|serve )", line):
                continue  # servers: run by the tests of this folder and of tests/telemetry
            if words[0] == "agentflow" and "export" not in words:
                done = CliRunner().invoke(app, words[1:], catch_exceptions=False)
                unmount()
                assert done.exit_code == 0, (line, done.output)
                told[line] = done.output
    listed = next(output for line, output in told.items() if line == "agentflow api keys list")
    assert (
        "graphs: research; tools: none; models: smollm2-135m; sites: lab; 2 runs at once; 200,000 tokens a day"
        in listed
    )
    log = next(output for line, output in told.items() if line == "agentflow api audit")
    assert re.search(r"1  \S+ \S+  ann  start \w{12}  0 bytes left", log) and "1 rows; head: 1 " in log
