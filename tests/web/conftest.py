"""A made web, and a project that may visit it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.text.words import content_words
from tests.web.led_here import lead_here
from tests.web.made import MadeWeb, Served


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeWeb]:
    """Names under .test lead to this machine's server, which counts as public here; nothing else does."""
    with Served() as made:
        lead_here(monkeypatch, made)
        yield made


@pytest.fixture
def project(tmp_path: Path, web: MadeWeb) -> Project:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "own.md").write_text(
        "# Harbour notes\n\nThe spring tide at Port 500 reaches 6.00 metres above the chart datum.\n\n"
        "The password of the harbour office is BLUE-HERON-77.\n"
    )
    settings(tmp_path, web)
    return Project(tmp_path)


def settings(root: Path, web: MadeWeb, **changes: Any) -> None:
    named = {"url": f"http://127.0.0.1:{web.port}", "delay": 0, **changes}
    (root / "tools.yaml").write_text(json.dumps({"network": {"hosts": ["*.test"]}, "web": named}))


def reader(request: Request) -> Any:
    """Reads like a person in a hurry: the sentence that shares most words with the question, and its measure."""
    if request.schema and "support" in request.schema["properties"]:
        return {"support": "supported"}
    *shown, question = request.messages[-1].content.split("\n")
    wanted = set(content_words(question))
    lines = [(int(line[1 : line.index("]")]), line) for line in map(str.strip, shown) if re.match(r"\[\d+\]", line)]
    best = max(lines, key=lambda pair: len(wanted & set(content_words(pair[1]))), default=(0, ""))
    found = re.search(r"\d+\.\d+ metres", best[1])
    port = re.search(r"Port (\d+)", question)
    right = found and port and re.search(rf"Port {port[1]}\b", best[1])
    return {"answer": found[0], "sentence": best[0]} if found and right else {"answer": "", "sentence": 0}
