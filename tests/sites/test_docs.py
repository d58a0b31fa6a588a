"""docs/sites.md: its commands in order, in the lab's project and in Ann's, with its own settings."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app
from agentflow.project import unmount
from tests.sites.harness import write_project

PAGE = (bundled.ROOT / "docs" / "sites.md").read_text("utf-8")
BLOCKS = [
    (kind, where, body) for kind, where, body in re.findall(r"```(sh|yaml)\n# (?:sites.yaml, )?at ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
]  # fmt: skip
HERE = {"the lab": "lab", "Ann's": "ann"}


class Reader:
    """Does what the page says, as its two people."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.patch = patch
        self.key = ""
        self.said: list[tuple[str, str]] = []
        self.url = ""
        self.serving = ExitStack()

    def settings(self, folder: Path, body: str) -> None:
        port = self.url.rpartition(":")[2]
        body = body.replace("lab.example:8450", f"localhost:{port}").replace("8450", port)
        (folder / "sites.yaml").write_text(
            body.replace("lab: {url", "lab: {seconds: 120, url")
        )  # a busy machine is no fault

    def command(self, folder: Path, line: str) -> None:
        words = shlex.split(line, comments=True)
        if words[0] == "export":
            self.patch.setenv(words[1].partition("=")[0], self.key)
        elif words[0] == "openssl":
            local = [word.replace("DNS:lab.example", "DNS:localhost") for word in words]
            subprocess.run(local, cwd=folder, check=True, capture_output=True)
            for name in ("ann.pem", "ann.key", "ca.pem"):
                if (folder / name).exists():
                    (self.root / "ann" / name).write_bytes((folder / name).read_bytes())
        elif words[:2] == ["agentflow", "site"] and words[2].startswith("--"):
            self.serving.close()
            self.url = self.serving.enter_context(served(folder))
        else:
            self.run(folder, line, words)

    def run(self, folder: Path, line: str, words: list[str]) -> None:
        self.patch.chdir(folder)
        done = CliRunner().invoke(app, words[1:], catch_exceptions=False)
        unmount()
        assert done.exit_code == 0, (line, done.output)
        if "keys add ann" in line:
            self.key = done.output.strip()
        self.said.append((line, done.output))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `agentflow site` on a free port of this machine."""
    command = [sys.executable, "-m", "agentflow", "site", "--port", "0", "--json", "--project", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        assert process.wait() == 0
        process.stdout.close()


def test_the_page_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path / "lab")
    (tmp_path / "lab" / "docs").mkdir()
    (tmp_path / "lab" / "docs" / "mill.md").write_text(
        "---\ntags: [public]\n---\n# Mill\n\nThe mill was built in 1842.\n"
    )
    write_project(tmp_path / "ann")
    reader = Reader(tmp_path, monkeypatch)
    with reader.serving:
        for kind, where, body in BLOCKS:
            folder = tmp_path / HERE[where.partition(", with")[0]]
            if kind == "yaml":
                reader.settings(folder, body)
            else:
                for line in body.splitlines():
                    reader.command(folder, line)
    found = [output for line, output in reader.said if line.startswith("agentflow search")]
    assert len(found) == 2 and all("lab:docs/mill.md" in output for output in found)
    report = next(output for line, output in reader.said if line.startswith("agentflow research"))
    assert "1842" in report and "site `lab`" in report
    log = next(output for line, output in reader.said if line == "agentflow site audit")
    assert re.search(r"ann  search \w{12}  1 items", log) and re.search(r"ann.example  search \w{12}  1 items", log)
    assert [where for kind, where, _ in BLOCKS if kind == "yaml"] == [
        "Ann's",
        "the lab",
        "the lab, with certificates",
        "Ann's, with certificates",
    ]
