"""Faults between a real server and a client that asks it again and again, by links on loopback."""

import json
import socket
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow.chaos.log import read_log
from agentflow.cli import app

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{id(Handler)}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
CLIENT = """
import json, sys, time, urllib.request
def ask():
    began = time.monotonic()
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/").read()
        return {"answered": True, "seconds": time.monotonic() - began}
    except OSError as error:
        return {"answered": False, "seconds": time.monotonic() - began}
for number in range(int(sys.argv[2])):
    while True:
        facts = ask()
        print(json.dumps({"number": number, **facts}), flush=True)
        if facts["answered"]:
            break
        time.sleep(0.02)
"""


class Storm:
    """Runs one plan and keeps what was said of it."""

    def __init__(self, folder: Path, *faults: dict[str, Any], asked: int = 4) -> None:
        (folder / "server.py").write_text(SERVER)
        (folder / "client.py").write_text(CLIENT)
        with ExitStack() as stack:
            made = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(2)]
            listen, to = [one.getsockname()[1] for one in made]
        parts = {
            "server": {"run": f"{sys.executable} server.py {to}", "listen": listen, "to": to},
            "client": {"run": f"{sys.executable} client.py {listen} {asked}"},
        }
        plan = folder / "plan.yaml"
        plan.write_text(json.dumps({"parts": parts, "until": "client", "faults": faults}))
        done = CliRunner().invoke(app, ["chaos", "run", str(plan)], catch_exceptions=False)
        self.code, self.output = done.exit_code, done.output
        self.log = read_log(folder / "plan.jsonl")
        self.asked = [line["facts"] for line in self.log if line["part"] == "client" and line["did"] == "said"]

    def count(self, part: str, did: str) -> int:
        return sum((line["part"], line["did"]) == (part, did) for line in self.log)

    def refused(self, number: int) -> bool:
        """Whether the client had to ask more than once."""
        return any(facts["number"] == number and not facts["answered"] for facts in self.asked)


def test_without_faults_each_request_is_answered_once(tmp_path: Path) -> None:
    storm = Storm(tmp_path)
    assert storm.code == 0 and [facts["answered"] for facts in storm.asked] == [True] * 4
    assert storm.count("server", "ended") == storm.count("server", "started") == 1


def test_a_part_is_killed_before_it_can_answer_and_starts_anew(tmp_path: Path) -> None:
    storm = Storm(tmp_path, {"do": "kill", "part": "server", "at": {"server": 2}, "seconds": 0})
    assert storm.code == 0 and [storm.refused(number) for number in range(4)] == [False, True, False, False]
    assert storm.count("server", "started") == 2 and storm.count("server", "unanswered") == 1


def test_the_client_that_all_wait_for_may_be_killed_too(tmp_path: Path) -> None:
    storm = Storm(tmp_path, {"do": "kill", "part": "client", "at": {"server": 2}, "seconds": 0})
    assert storm.code == 0 and storm.count("client", "started") == 2
    assert [facts["number"] for facts in storm.asked if facts["answered"]] == [0, 0, 1, 2, 3]


@pytest.mark.parametrize("do", ["delay", "drop", "stop"])
def test_an_answer_comes_late_and_nothing_breaks(do: str, tmp_path: Path) -> None:
    storm = Storm(tmp_path, {"do": do, "part": "server", "at": {"server": 2}, "seconds": 0.5, "by": 0.3})
    assert [facts["answered"] for facts in storm.asked] == [True] * 4
    assert storm.asked[1]["seconds"] >= 0.3 and storm.count("server", "answered") >= 1
    assert storm.count("server", "broke") == storm.count("server", "unanswered") == 0


def test_a_cut_breaks_what_is_open_and_refuses_what_comes(tmp_path: Path) -> None:
    storm = Storm(tmp_path, {"do": "cut", "part": "server", "at": {"server": 2}, "seconds": 0.3})
    assert [storm.refused(number) for number in range(4)] == [False, True, False, False]
    assert sum(not facts["answered"] for facts in storm.asked) > 1 and storm.count("server", "started") == 1


def test_the_same_plan_does_the_same_again(tmp_path: Path) -> None:
    faults = [
        {"do": do, "part": "server", "at": {"server": n}, "seconds": 0}
        for n, do in ((1, "cut"), (3, "kill"), (4, "stop"))
    ]
    storms = []
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        storms.append(Storm(tmp_path / name, *faults))
    first, again = ([line["do"] for line in storm.log if line["did"] == "fault"] for storm in storms)
    assert first == again == ["cut", "kill", "stop"]
    assert [[storm.refused(number) for number in range(4)] for storm in storms] == [[True, True, False, False]] * 2


def test_faults_that_nobody_came_to_are_told(tmp_path: Path) -> None:
    begun = {"do": "delay", "part": "server", "at": {"server": 1}, "seconds": 3600, "by": 0.01}
    never = {"do": "cut", "part": "server", "at": {"server": 99}}, {"do": "kill", "part": "client", "at": 3600}
    storm = Storm(tmp_path, begun, *never)
    assert [line["do"] for line in storm.log if line["did"] == "spared"] == ["cut", "kill"]
    assert "CUT for 1 s: not reached" in storm.output


def test_a_part_that_does_not_listen_ends_it_with_an_error(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        listen = free.getsockname()[1]
    plan.write_text(json.dumps({"parts": {"dead": {"run": "false", "listen": listen, "to": 1}}}))
    done = CliRunner().invoke(app, ["chaos", "run", str(plan)])
    assert done.exit_code == 1 and "'dead' does not listen at 1" in str(done.exception)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({"parts": {"dead": {"run": "no-such-program --at all"}}}))
    done = CliRunner().invoke(app, ["chaos", "run", str(plan)])
    assert "'dead' cannot be started: no-such-program" in str(done.exception)
