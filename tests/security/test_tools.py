"""What a hostile document or model might try through tools. Each test names its S number and OWASP id."""

import contextlib
import http.server
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.events import ToolCalled, ToolRefused
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from agentflow.toolbox import ToolFailed, load_tool
from agentflow.toolbox import ToolRefused as Refused
from agentflow.toolbox.folder import open_beneath, write_beneath
from agentflow.toolbox.network import Fetcher, is_public

SHIPPED = Project(Path(__file__).parents[2])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


PATHS = [
    "../x", "a/../../x", "/etc/passwd", "/proc/self/environ", "C:/x", "..\\x", "a//b", "./x", ".hidden", "a/.git/config",
    "x" * 300, "a\nb", "a\u202eb", "a\x00b", " x", "x ", "", "a/" * 20 + "x", "link/x", "file_link",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_S3_no_path_leads_out_of_the_folder__ASI02(path: str, tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "x").write_text("secret")
    (root / "link").symlink_to(outside)
    (root / "file_link").symlink_to(outside / "x")
    with pytest.raises(Refused):
        write_beneath(root, path, "evil")
    with pytest.raises(Refused):
        os.close(open_beneath(root, path))
    assert (outside / "x").read_text() == "secret" and list(outside.iterdir()) == [outside / "x"]


def test_S3_swapping_a_folder_for_a_link_during_writes_leads_nowhere__ASI02(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "real").mkdir(parents=True)
    outside.mkdir()
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                (root / "real").rename(root / "aside")
                (root / "real").symlink_to(outside)
                (root / "real").unlink()
                (root / "aside").rename(root / "real")

    thread = threading.Thread(target=swap)
    thread.start()
    refused = 0
    for number in range(300):
        try:
            write_beneath(root, f"real/f{number}", "x")
        except (Refused, OSError):
            refused += 1
    stop.set()
    thread.join()
    assert list(outside.iterdir()) == [] and refused < 300


URLS = [
    "http://127.0.0.1/", "http://localhost/", "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://127.1/", "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "http://user@example.org/",
    "http://example.org:22/", "http://example.org@127.0.0.1/", "http://exam\nple.org/", "http://example.org\\@127.0.0.1/", "//example.org/", "http:///x",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_S4_inner_addresses_and_other_schemes_are_refused_even_when_all_hosts_are_allowed__ASI02(url: str) -> None:
    inner = Fetcher(hosts=("*",), resolve=lambda host, port: ["127.0.0.1"])
    with pytest.raises(Refused):
        inner.fetch(url)


def test_S4_hosts_that_are_not_listed_are_refused__ASI02() -> None:
    fetcher = Fetcher(hosts=("docs.example.org",), resolve=lambda host, port: ["93.184.216.34"])
    for url in ("https://example.org/", "https://docs.example.org.evil.com/", "https://evil.com/docs.example.org"):
        with pytest.raises(Refused, match="not allowed"):
            fetcher.fetch(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [("93.184.216.34", True), ("10.0.0.1", False), ("100.64.0.1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False),
     ("2002:7f00:1::", False), ("fe80::1%eth0", False), ("fd00::1", False), ("224.0.0.1", False), ("2606:4700::1111", True)],
)  # fmt: skip
def test_S4_addresses_are_judged_as_what_they_reach__ASI02(address: str, public: bool) -> None:
    assert is_public(address) is public


class Redirecting(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", f"http://inner.test:{self.connection.getsockname()[1]}/secret")
            self.end_headers()
            return
        body = b"x" * 5000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_address[1]
        running.shutdown()
        thread.join()


def fetcher(port: int, **changes: Any) -> Fetcher:
    """One that takes this machine's server for the public host open.test, and nothing else."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if host == "open.test" else ["10.0.0.1"]

    return Fetcher(
        ("*.test",), resolve=resolve, is_public=lambda address: address == "127.0.0.1", ports=(port,), **changes
    )


def test_S4_a_redirect_to_an_inner_host_is_refused__ASI02(server: int) -> None:
    assert fetcher(server).fetch(f"http://open.test:{server}/").status == 200
    with pytest.raises(Refused, match="not public"):
        fetcher(server).fetch(f"http://open.test:{server}/away")


def test_S4_a_name_that_changes_its_answer_is_looked_up_once__ASI02(server: int) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    once = Fetcher(
        ("open.test",), resolve=lambda host, port: next(answers), is_public=lambda a: a == "127.0.0.1", ports=(server,)
    )
    assert once.fetch(f"http://open.test:{server}/").status == 200
    assert next(answers) == ["10.0.0.1"]  # the second answer was never asked for


def test_S4_proxies_of_the_environment_are_not_used_and_size_is_bounded__ASI02(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://10.9.9.9:1")
    page = fetcher(server, size=100).fetch(f"http://open.test:{server}/")
    assert (len(page.body), page.cut) == (100, True)


async def test_S4_without_tools_yaml_there_is_no_network__ASI02(project: Project) -> None:
    events, outcome = await call(project, "fetch_url", {"url": "https://example.org/"})
    assert outcome.status == "failed" and "network is off" in outcome.message
    assert [event.reason for event in events if isinstance(event, ToolRefused)]


@pytest.mark.parametrize(
    "bomb",
    ["9**9**9", "10**10**7", "'a'*10**9", "1<<10**9", "(" * 10_000, "(" * 200 + "1" + ")" * 200, "().__class__", "__import__('os')",
     "٣+٤", "1 if 1 else 2", "[1]*10**9", "lambda: 1", "2**-1e308**9", "9" * 499, "-" * 400 + "1", "abs(**{})", "round(1, 10**9)", "x:=1", "1e999"],
)  # fmt: skip
def test_S12_calculator_bombs_are_refused_at_once__LLM10(bomb: str) -> None:
    calculator = load_tool(SHIPPED, "calculator").function
    started = time.process_time()
    with contextlib.suppress(ToolFailed):
        value = calculator(bomb)
        assert isinstance(value, int | float) and abs(value) < 2**4096
    assert time.process_time() - started < 0.1


async def call(project: Project, tool: str, arguments: dict[str, Any], **limits: Any) -> Any:
    import json

    path = project.root / "call.yaml"
    path.write_text(json.dumps({
        "description": "d", "tools": {tool: limits or None}, "output": {"result": "{{ a }}"},
        "nodes": {"a": {"kind": "tool", "tool": tool, "arguments": arguments}},
    }))  # fmt: skip
    events: list[Any] = []
    async with Engine(project, pool=ScriptedModels(lambda request: ""), sink=events.append) as engine:
        return events, await engine.run(str(path), {})


async def agent(
    project: Project, reply: Any, *, tools: str, limits: str = "", steps: int = 20, engine_limits: Any = None
) -> Any:
    """A workflow with one agent; its outcome and the tools that really ran."""
    path = project.root / "agent.yaml"
    path.write_text(
        f"description: d\ntools: {{{tools}}}\n{limits}nodes:\n  a: {{kind: agent, goal: g, tools: [{tools.split(':')[0]}], steps: {steps}}}\n"
        "output: {answer: '{{ a.answer }}', steps: '{{ a.steps | length }}'}\n"
    )
    events: list[Any] = []
    async with Engine(project, pool=ScriptedModels(reply), sink=events.append) as engine:
        outcome = await engine.run(str(path), {})
    return outcome, [event.tool for event in events if isinstance(event, ToolCalled)]


async def test_S11_a_model_that_never_stops_calling_is_stopped__LLM10(project: Project) -> None:
    count = iter(range(10_000))

    def endless(request: Request) -> Any:
        assert request.schema is not None
        if len(request.schema["anyOf"]) == 1:
            return {"tool": "answer", "arguments": {"text": "stopped"}}
        return {"tool": "calculator", "arguments": {"expression": str(next(count))}}

    outcome, called = await agent(project, endless, tools="calculator: {calls: 5}", steps=20)
    assert outcome.output["answer"] == "stopped" and len(called) == 5  # the rest was refused


async def test_S11_a_repeated_call_ends_the_loop__LLM10(project: Project) -> None:
    def same(request: Request) -> Any:
        assert request.schema is not None
        if len(request.schema["anyOf"]) == 1:
            return {"tool": "answer", "arguments": {"text": "stopped"}}
        return {"tool": "calculator", "arguments": {"expression": "1"}}

    outcome, called = await agent(project, same, tools="calculator: ", steps=50)
    assert outcome.status == "done" and called == ["calculator"]


async def test_S11_huge_arguments_are_refused_by_the_schema__LLM10(project: Project) -> None:
    def huge(request: Request) -> Any:
        if "error:" in request.messages[-1].content:
            return {"tool": "answer", "arguments": {"text": "no"}}
        return {"tool": "search_corpus", "arguments": {"query": "x" * 1_000_000}}

    outcome, called = await agent(project, huge, tools="search_corpus: ")
    assert outcome.output["answer"] == "no" and called == []


async def test_a_tool_that_was_not_offered_cannot_be_called__ASI02(project: Project) -> None:
    outcome, called = await agent(
        project, lambda request: {"tool": "python", "arguments": {"code": "1"}}, tools="calculator: "
    )
    assert outcome.status == "failed" and called == [] and "was not offered" in outcome.message


async def test_S15_approval_holds_for_the_exact_arguments_only__ASI09(project: Project) -> None:
    path = project.root / "w.yaml"
    path.write_text(
        "description: d\ntools: {write_file: {approval: true}}\nnodes:\n"
        "  one: {kind: tool, tool: write_file, arguments: {path: a.txt, text: one}}\n"
        "  two: {kind: tool, tool: write_file, arguments: {path: b.txt, text: two}}\noutput: {x: '{{ two.path }}'}\n"
    )
    async with Engine(project, pool=ScriptedModels(lambda request: "")) as engine:
        first = await engine.run(str(path), {})
        assert first.question
        asked = first.question[0]["value"]
        assert asked["arguments"] == {"path": "a.txt", "text": "one"}
        yes = {"approved": True, "binding": asked["binding"]}
        second = await engine.resume(first.run, answer=yes)
        assert (
            second.status == "paused" and second.question and second.question[0]["value"]["arguments"]["text"] == "two"
        )
        again = await engine.resume(first.run, answer=yes)  # the first call's yes, replayed for the second
        assert again.status == "paused"
        refused = await engine.resume(
            first.run, answer={"approved": False, "binding": second.question[0]["value"]["binding"]}
        )
        assert refused.status == "failed" and "refused" in refused.message
    files = project.state / "runs" / first.run / "files"
    assert (files / "a.txt").read_text() == "one" and not (files / "b.txt").exists()


async def test_paths_of_a_grant_bind__ASI02(project: Project) -> None:
    _, refused = await call(project, "write_file", {"path": "x.sh", "text": "t"}, paths=["*.csv"])
    assert refused.status == "failed" and "is none of" in refused.message
    _, allowed = await call(project, "write_file", {"path": "x.csv", "text": "t"}, paths=["*.csv"])
    assert allowed.status == "done"


def test_a_spreadsheet_runs_nothing_from_a_table__LLM05() -> None:
    from agentflow.workflow.csvtext import as_csv

    text = as_csv([{"a": "=HYPERLINK(1)", "b": "+1", "c": "@x"}, {"a": "fine", "b": -1}])
    assert "'=HYPERLINK" in text and "'+1" in text and "'@x" in text and "fine,-1," in text


def test_an_answer_with_entities_is_refused__ASI02() -> None:
    from agentflow.papers.sources import xml_of

    with pytest.raises(ToolFailed, match="entities"):
        xml_of(b'<!DOCTYPE x [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom"/>')
    assert xml_of(b"<!DOCTYPE feed SYSTEM 'http://nowhere.test/a.dtd'><feed><a>T</a></feed>").findtext("a") == "T"
