"""`kill -9` in the middle of a fetch: the same command goes on, and nothing is downloaded twice."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.papers import made
from tests.papers.conftest import SOURCES
from tests.papers.served import Held, Served, Serving


@pytest.fixture
def served() -> Iterator[Served]:
    """Under this machine's own address, which the project names itself: another process has no made names."""
    with Serving() as made_sources:
        made_sources.base = lambda host: f"http://127.0.0.1:{made_sources.port}"  # type: ignore[method-assign]
        yield made_sources


def test_a_killed_fetch_goes_on(served: Served, tmp_path: Path) -> None:
    sources = {name: {"url": served.base(""), "delay": 0} for name in SOURCES}
    (tmp_path / "tools.yaml").write_text(json.dumps({"papers": {"delay": 0, "sources": sources}}))
    command = [
        sys.executable,
        "-m",
        "agentflow",
        "fetch",
        "tides",
        "--from",
        "openalex",
        "--into",
        "tides",
        "--lexical",
    ]
    held = served.held["/pdf/9"] = Held()
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        assert held.reached.wait(60)
        process.kill()
    held.let_go.set()
    folder = tmp_path / "papers" / "tides"
    assert len(list(folder.glob("*.pdf"))) == 8
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    asked = Counter(path for path in served.paths() if path.startswith("/pdf/"))
    assert {path for path, times in asked.items() if times > 1} == {"/pdf/9"}
    kept = {path.read_bytes() for path in folder.glob("*.pdf")}
    assert kept == {made.pdf(n) for n in range(1, 18)}
    assert len(list(folder.glob("*.csl.json"))) == 20 and not list(folder.glob(".*"))
