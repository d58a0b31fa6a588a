"""What is told of two runs: new, gone, changed and contradicted claims, and nothing else."""

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.schedule.news import news_of
from agentflow.schedule.scheduler import JobScheduler
from agentflow.schedule.store import Schedule, ScheduleStore
from agentflow.schedule.telling import tell
from agentflow.schedule.wording import worded
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from agentflow.toolbox import ToolRefused, network


def run(id: str, *claims: str, status: str = "answered", answer: str = "yes", against: str = "") -> Run:
    evidence = [
        {"id": n, "quote": text, "path": "a.md", "line": n, "page": None, "part": ""}
        for n, text in enumerate(claims, 1)
    ]
    conflicts = []
    if against:
        evidence.append({"id": 99, "quote": against, "path": "b.md", "line": 1, "page": None, "part": ""})
        conflicts = [{"claim": 0, "evidence": 99}]
    output = {
        "question": "q", "answer": answer, "evidence": evidence, "conflicts": conflicts,
        "claims": [{"text": text, "support": "supported", "evidence": [n]} for n, text in enumerate(claims, 1)],
    }  # fmt: skip
    return Run(
        0, id, "research", "", "", {"question": "q"}, {}, {}, "", "", 0.0, RunStatus(status), "", output, None, 0.0
    )


OLD = "The dike at Ballen is 4 metres high."


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ([OLD], None),
        (["The dike at Ballen is 5 metres high."], "contradicted"),
        (["The dike at Ballen is 4 metres high and green."], "changed"),
        ([OLD, "A ferry leaves every hour."], "new"),
        ([], "gone"),
        (["A ferry leaves every hour."], "new gone"),
    ],
)
def test_what_differs_is_told_as_what_it_is(claims: list[str], told: str | None) -> None:
    news = news_of(run("a", OLD), run("b", *claims))
    kinds = {"new", "gone", "changed", "contradicted"}
    assert (news is None) if told is None else (news is not None and kinds & set(news) == set(told.split()))


def test_a_source_that_contradicts_now_is_told_once() -> None:
    other = "The dike at Ballen is 3 metres high, said the old report."
    first, second = run("a", OLD), run("b", OLD, against=other)
    news = news_of(first, second)
    assert news is not None and news["contradicted"][0][1]["text"] == other
    assert news_of(second, run("c", OLD, against=other)) is None


def test_a_failure_is_news_and_the_words_are_inert() -> None:
    news = news_of(run("a", OLD), run("b", status="failed"))
    assert news is not None and news["message"]
    news = news_of(run("a"), run("b", "# <script>alert(1)</script> | x"))
    schedule = Schedule("1", "research", {"question": "*q*"}, [], {}, {}, {}, "every", "1d", "UTC", 0.0, 0.0)
    text = worded(schedule, news or {}, 0.0)
    assert "<script>" not in text and "1970-01-01 00:00" in text and "a.md:1" in text


def test_the_first_news_of_a_workflow_hold_its_output() -> None:
    first = replace(run("a"), output={"rows": "cats"})
    schedule = Schedule("1", "w", {}, [], {}, {}, {}, "every", "1d", "UTC", 0.0, 0.0)
    assert "rows: cats" in worded(schedule, news_of(None, first) or {}, 0.0)
    news = news_of(first, replace(first, output={"rows": "dogs"}))
    assert "rows: cats → dogs" in worded(schedule, news or {}, 0.0)


@pytest.fixture
def received() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    got: list[dict[str, Any]] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204 if self.path == "/ok" else 500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], got
        server.shutdown()
        thread.join()


def test_file_command_and_webhook_get_the_same_words(
    tmp_path: Path, received: tuple[int, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, got = received
    monkeypatch.setattr(network, "resolve", lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(network, "OPEN_PORTS", (port,))
    file, copy = tmp_path / "news.md", tmp_path / "copy.txt"
    command = f"{sys.executable} -c \"import sys; open('{copy}', 'w').write(sys.stdin.read())\""
    told = {"file": str(file), "command": command, "webhook": f"http://hook.test:{port}/ok"}
    with pytest.raises(ToolRefused, match="not public"):  # the guard's own judgement
        tell(told, "one\n", {"run": "a"}, ("hook.test",), tmp_path)
    monkeypatch.setattr(network, "is_public", lambda address: True)
    for text in ("one\n", "two\n"):
        tell(told, text, {"run": "a"}, ("hook.test",), tmp_path)
    assert file.read_text() == "two\n\none\n" and copy.read_text() == "two\n"
    assert [item["text"] for item in got] == ["one\n", "two\n"]
    with pytest.raises(ToolRefused, match="not allowed"):
        tell(told, "three\n", {}, (), tmp_path)
    with pytest.raises(AgentflowError, match="answered 500"):
        tell({"webhook": f"http://hook.test:{port}/no"}, "four\n", {}, ("hook.test",), tmp_path)
    with pytest.raises(AgentflowError, match="ended with 3"):
        tell({"command": f'{sys.executable} -c "raise SystemExit(3)"'}, "x", {}, (), tmp_path)


def reader(request: Request) -> Any:
    prompt = request.messages[-1].content
    if "[1]" not in prompt:
        return {"answer": "", "sentence": 0}
    return {"answer": "5 metres" if "5 metres" in prompt else "4 metres", "sentence": 1}


async def test_a_folder_that_changes_is_asked_again(tmp_path: Path) -> None:
    """The real engine: first answer, no news for a touched file, a contradiction for a changed one."""
    docs, said = tmp_path / "docs", list[str]()
    docs.mkdir()
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (docs / "dike.md").write_text("# Dike\n\nThe dike at Ballen is 4 metres high.\n")
    project = Project(tmp_path)

    async def perform(schedule: Schedule, run: str) -> None:
        async with Engine(project, pool=ScriptedModels(reader)) as engine:
            await engine.ingest([docs])
            await engine.run("research", schedule.inputs, run_id=run, docs=[docs])

    with ScheduleStore(project.database) as store:
        runs = RunStore(project.database)
        scheduler = JobScheduler(store, runs, perform, state=project.state, say=said.append)
        store.add(
            graph="research", inputs={"question": "How high is the dike at Ballen?"}, docs=[str(docs)], models={}, limits={},
            told={"file": str(tmp_path / "news.md")}, kind="change", spec="files", zone="UTC", created=0.0, due=None,
        )  # fmt: skip
        assert [await scheduler.turn(), await scheduler.turn()] == [1, 0]
        (docs / "dike.md").touch()
        assert [await scheduler.turn(), len(said)] == [1, 1]
        (docs / "dike.md").write_text("# Dike\n\nThe dike at Ballen is 5 metres high.\n")
        assert [await scheduler.turn(), len(said)] == [1, 2]
        runs.close()
    assert "Contradicted" in said[1] and "4 metres" in said[1] and "5 metres" in said[1]
    assert (tmp_path / "news.md").read_text().startswith(said[1])
