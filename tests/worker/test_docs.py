"""docs/queue.md: its commands, in order, in one project. Options and names are also checked by tests/test_docs.py."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentflow import bundled
from agentflow.cli import app
from tests.worker.harness import load

PAGE = (bundled.ROOT / "docs" / "queue.md").read_text("utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
ID = "20261129-101500-1f3a"
Run = Callable[[str], Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "tower.md").write_text("# Tower\n\nThe tower of Aarhus is 40 metres high.\n")
    return lambda line: CliRunner().invoke(app, shlex.split(line)[1:], catch_exceptions=False)


def test_the_commands_of_the_page_in_order(run: Run, tmp_path: Path) -> None:
    """Those that serve until they are ended, workers and API, have tests of their own."""
    for line in LINES[:3]:
        done = run(line)
        assert done.exit_code == 0, (line, done.output)
    shown = run(LINES[3]).output
    assert shown.startswith("3 waiting, 0 running, 0 given up") and "in 8 h" in shown
    waiting = [found["id"] for found in json.loads(run("agentflow queue --json").output)["waiting"]][-1]
    for line in LINES:
        if line.startswith(("agentflow queue", "agentflow runs cancel", "agentflow api keys")):
            done = run(line.replace(ID, waiting))
            assert done.exit_code == 0, (line, done.output)
    assert load(tmp_path, waiting).status == "cancelled"
