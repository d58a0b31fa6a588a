"""One timeline of several sources, each in its own order, and who waited for whom."""

import json
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agentflow.chaos.log import read_log
from agentflow.chaos.timeline import TimelineRow, merged, of_log, of_run, waits
from agentflow.cli import app
from agentflow.errors import AgentflowError
from agentflow.runs.store import RunStore
from tests.postgres import place_of
from tests.worker.harness import Slots, enqueue, load, marks, wait, write_project
from tests.worker.test_two_hosts import host

TIMES = st.lists(st.floats(0, 1e6), max_size=20)


@given(st.lists(TIMES, max_size=4))
def test_each_source_keeps_its_order_and_right_clocks_are_in_order(sources: list[list[float]]) -> None:
    made = [
        [TimelineRow(at, f"{number}", {"place": place}) for place, at in enumerate(times)]
        for number, times in enumerate(sources)
    ]
    rows = merged(*made)
    assert len(rows) == sum(map(len, made))
    for number, source in enumerate(made):
        assert [row for row in rows if row.part == f"{number}"] == source
    moments = [row.at for row in merged(*(sorted(source, key=lambda row: row.at) for source in made))]
    assert moments == sorted(moments)


def test_waits_are_summed_by_who_waited_for_whom() -> None:
    rows = [
        TimelineRow(1, "r", {}, "r", "m", 2.0),
        TimelineRow(2, "r", {}),
        TimelineRow(3, "r", {}, "r", "tool", 4.0),
        TimelineRow(4, "r", {}, "r", "m", 1.0),
    ]
    assert [(wait.what, wait.times, wait.seconds, wait.longest) for wait in waits(rows)] == [
        ("tool", 1, 4.0, 4.0), ("m", 2, 3.0, 2.0),
    ]  # fmt: skip


def test_a_run_whose_worker_was_killed_waited_for_another_whatever_its_clock_says(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    [run] = enqueue(root, [{"marks": 4, "seconds": 0.2}])
    with Slots(root, lease=1.5) as slots:
        first = slots.start()
        wait(lambda: len(marks(root)) >= 2)
        os.kill(first, signal.SIGKILL)
        slots.reap()
        slots.start(host("there", -600.0))
        wait(lambda: load(root, run).finished, meanwhile=slots.reap)
    with closing(RunStore(place_of(root))) as store:
        rows = merged(of_run(store, store.load(run)))
    kinds = [type(row.fact).__name__ for row in rows]
    assert kinds.count("RunStarted") == 2 and kinds[-1] == "RunEnded", "though its clock is ten minutes late"
    assert [row.what for row in rows if type(row.fact).__name__ == "RunStarted"] == ["a worker", "another worker"]
    assert {wait.what for wait in waits(rows)} == {"a worker", "another worker", "mark"}


def test_the_command_shows_runs_and_log_together(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    [run] = enqueue(root, [{"marks": 1}])
    with Slots(root, until_empty=True) as slots:
        os.waitpid(slots.start(), 0)
        slots.pids.clear()
    log = tmp_path / "plan.jsonl"
    lines = [
        {"part": "gpu", "did": "fault", "do": "kill", "seconds": 2.0},
        {"part": "gpu", "did": "answered", "waited": 1.5},
    ]
    log.write_text("".join(json.dumps({"at": 1e9, **line}) + "\n" for line in lines))
    words = ["chaos", "timeline", "--project", str(root), "--log", str(log)]
    shown = CliRunner().invoke(app, words, catch_exceptions=False).output
    assert "KILL; it starts again after 2 s" in shown and f"run {run}" in shown and "a worker" in shown
    found = json.loads(CliRunner().invoke(app, [*words, run, "--json"], catch_exceptions=False).output)
    assert {"who": "whoever asked", "what": "gpu", "times": 1, "seconds": 1.5, "longest": 1.5} in found["waits"]
    assert [row["part"] for row in found["rows"][:2]] == ["gpu", "gpu"]
    assert len(list(of_log(read_log(log)))) == 2


def test_a_log_is_shown_where_there_are_no_runs(tmp_path: Path) -> None:
    log = tmp_path / "plan.jsonl"
    log.write_text('{"at": 1, "part": "gpu", "did": "ended", "code": 3}\n')
    words = ["chaos", "timeline", "--log", str(log), "--project", str(tmp_path)]
    assert "gpu  ended (3)" in CliRunner().invoke(app, words, catch_exceptions=False).output


@pytest.mark.parametrize("text", ["", "no JSON\n", '{"at": 1}\n', "[1]\n"])
def test_what_is_no_log_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    if text:
        path.write_text(text)
    with pytest.raises(AgentflowError, match="log"):
        read_log(path)
