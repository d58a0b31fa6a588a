"""The main job where there is no network at all: a network namespace of its own, with nothing but loopback."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow.runs.store import RunStore
from tests.crash.harness import QUESTION, write_towers

ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh"]


@pytest.fixture(autouse=True)
def may_be_alone() -> None:
    if not shutil.which("unshare") or subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace may be made here")


def test_nothing_is_reached_from_there() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)"
    done = subprocess.run([*ALONE, sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in done.stderr


@pytest.mark.slow
def test_the_main_job_needs_no_network(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    (root / ".agentflow" / "agentflow.db").unlink()
    command = [sys.executable, "-m", "agentflow", "research", QUESTION, "--docs", str(root / "docs")]
    done = subprocess.run(
        [*ALONE, *command, "--project", str(root), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] in ("answered", "insufficient")
    store = RunStore(root / ".agentflow" / "agentflow.db", create=False)
    assert store.list()[0].models["writer"] == "starter"
