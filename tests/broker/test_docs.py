"""docs/brokers.md: its settings, programs and commands, in order, beside a NATS server."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app
from tests.broker.servers import Nats
from tests.crash.harness import write_towers

DOCS = bundled.ROOT / "docs"
PAGE = (DOCS / "brokers.md").read_text("utf-8")
PROGRAMS = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
SETTINGS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.fixture
def place() -> Iterator[str]:
    if why := Nats.reason():
        pytest.skip(why)
    server = Nats()
    yield f"localhost:{server.port}"
    server.stop()


@pytest.mark.brokers
def test_the_page_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(write_towers(tmp_path))
    for name, text in {**PROGRAMS, "broker.yaml": SETTINGS}.items():
        (tmp_path / name).write_text(text.replace("localhost:4222", place))
    run = CliRunner()
    install, serve, ask, queue, rejected, hear = COMMANDS
    assert install == "pip install 'agentflow[events]'"
    words = serve.replace("localhost:4222", place).split()[1:]
    broker = started("-u", "-m", "agentflow", *words)
    for _ in range(2):
        assert "agentflow-" in line_of(broker)
    assert subprocess.run([sys.executable, *ask.split()[1:]], check=True).returncode == 0
    while "tower-1: research, queued" not in line_of(broker):
        pass
    assert "1 waiting" in run.invoke(app, queue.split()[1:], catch_exceptions=False).output
    assert run.invoke(app, rejected.split()[1:], catch_exceptions=False).output == "none\n"
    listener = started(*hear.split()[1:])
    assert line_of(listener) == "State tower-1 queued"
    for process in (listener, broker):
        process.terminate()
        process.wait()
    assert broker.returncode == 0


def started(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)


def line_of(process: Any) -> str:
    line: str = process.stdout.readline()
    assert line, "it ended"
    return line.strip()
