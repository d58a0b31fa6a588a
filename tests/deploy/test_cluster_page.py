"""docs/cluster.md, step by step on this machine: its commands in order, with its files, real servers and a real database."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app
from agentflow.project import unmount
from tests.postgres import Server
from tests.sites.harness import write_project

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(900)]
PAGE = (bundled.ROOT / "docs" / "cluster.md").read_text("utf-8")
BLOCKS = re.findall(r"```(sh|yaml)\n(.*?)```", PAGE, re.DOTALL)
DATABASE = "postgresql://ann@db.example/research"
SERVING = ("agentflow api --", "agentflow serve", "agentflow site --")


@contextmanager
def serving(words: list[str], folder: Path) -> Iterator[dict[str, str]]:
    """What a server says first."""
    process = subprocess.Popen([sys.executable, "-m", *words, "--json"], cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said, facts = "", None
    while facts is None:
        line = process.stdout.readline()
        assert line, said
        said += line
        with suppress(ValueError):  # there is more of it
            facts = json.loads(said)
    try:
        yield facts
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


class Reader:
    """Types what the page says. `real` stands for the page's addresses, `said` keeps what each command printed."""

    def __init__(self, mine: Path, lab: Path, url: str, patch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.mine, self.lab, self.patch, self.stack = mine, lab, patch, stack
        self.real = {DATABASE: url, "smollm2-135m": "starter", "--host 0.0.0.0": "--host 127.0.0.1"}
        self.said: list[tuple[str, str]] = []

    def translated(self, text: str) -> str:
        for shown, real in self.real.items():
            text = text.replace(shown, real)
        return text

    def file(self, text: str) -> None:
        name = text.splitlines()[0].removeprefix("# ")
        (self.mine / name).write_text(self.translated(text))

    def block(self, text: str) -> None:
        folder = self.lab if text.startswith("# at the lab") else self.mine
        for line in text.splitlines():
            if line.startswith("export LAB_KEY"):
                self.patch.setenv("LAB_KEY", self.output("agentflow site keys add ann"))
            elif line.startswith("export"):
                name, _, value = line.removeprefix("export ").partition("=")
                self.patch.setenv(name, value)
            elif line.startswith(SERVING):
                self.serve(line, folder)
            elif line.startswith("agentflow") and "--on ray" not in line:  # tests/worker/test_ray.py starts a cluster
                self.command(line, folder)
            elif line.startswith(("curl", "echo")):
                self.type(line, folder)

    def serve(self, line: str, folder: Path) -> None:
        words = shlex.split(os.path.expandvars(self.translated(line)))
        place = words.index("--port") + 1
        port, words[place] = words[place], "0"
        for host in ("gpu1", "gpu2") if words[1] == "serve" else ("localhost",):
            said = self.stack.enter_context(serving(words, folder))
            self.real[f"{host}:{port}"] = said["url"].removeprefix("http://").rstrip("/")
        if words[1] == "api":
            self.patch.setenv("KEY", said["key"])

    def command(self, line: str, folder: Path) -> None:
        self.patch.chdir(folder)
        done = CliRunner().invoke(app, shlex.split(self.translated(line))[1:], catch_exceptions=False)
        unmount()
        assert done.exit_code == 0, (line, done.output)
        self.said.append((line, done.output))

    def type(self, line: str, folder: Path) -> None:
        command = self.translated(line)
        done = subprocess.run(["sh", "-c", command], cwd=folder, text=True, capture_output=True, check=False)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        self.said.append((line, done.stdout))

    def output(self, start: str) -> str:
        return next(output for line, output in reversed(self.said) if line.startswith(start)).strip()


def test_the_page_in_order(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    mine, lab = tmp_path / "mine", tmp_path / "lab"
    (mine / "papers").mkdir(parents=True)
    (mine / "papers" / "mill.md").write_text(
        "# Mill\n\nThe mill was built in 1842 by Ann Berg. The mill is 12 metres high.\n"
    )
    (write_project(lab).root / "docs").mkdir()
    (lab / "docs" / "weir.md").write_text("# Weir\n\nThe weir was built in 1911.\n")
    with ExitStack() as stack:
        reader = Reader(mine, lab, postgres.url(), monkeypatch, stack)
        for kind, text in BLOCKS:
            reader.file(text) if kind == "yaml" else reader.block(text)
    for line, expected in {
        "agentflow research": "1911",
        'curl -H "Authorization: Bearer $KEY" "localhost:8400/runs/mine-1/report': "Ann Berg",
        "agentflow runs list": "answered",
        "agentflow worker --slots 4": " after ",
        "agentflow models status": "answers",
        "agentflow site list": "releases quotes",
    }.items():
        assert expected in reader.output(line), (line, reader.output(line))
    assert "1842" in next(output for line, output in reader.said if line.startswith("agentflow research"))
