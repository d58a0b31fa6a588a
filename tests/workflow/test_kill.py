"""kill -9 in the middle of a map, a loop, an approval and a batch: nothing is lost, nothing finished is done again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(900)  # each process imports the engine afresh
SCRIPT = Path(__file__).with_name("killed.py")
TICK = '''\
"""An effect that can be counted, and a machine that dies in the middle of one."""

import os
import signal
from pathlib import Path

from agentflow.context import Context


def tick(n: int, *, context: Context) -> int:
    """Write n down; twice n."""
    effects = Path(context.project.root, "effects.txt")
    with effects.open("a") as file:
        file.write(f"{n}\\n")
    if len(effects.read_text().split()) == int(os.environ.get("KILL_AT", "0")):
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * n
'''
HEAD = "description: d\ntools: {tick: }\n"
MAP = (
    HEAD
    + """\
nodes:
  numbers: {kind: set, values: {all: [1, 2, 3, 4, 5, 6, 7, 8]}}
  each:
    kind: map
    over: numbers.all
    concurrency: 2
    nodes:
      first: {kind: tool, tool: tick, arguments: {n: "{{ item }}"}}
      second: {kind: tool, tool: tick, arguments: {n: "{{ first + 100 }}"}}
output: {doubled: "{{ each }}"}
"""
)
LOOP = (
    HEAD
    + """\
nodes:
  again:
    kind: loop
    until: turn >= 6
    max_turns: 9
    nodes:
      sum: {kind: set, values: {n: "{{ (sum.n if sum else 0) + turn }}"}}
      told: {kind: tool, tool: tick, arguments: {n: "{{ sum.n }}"}}
output: {last: "{{ told }}", turns: "{{ again.turns }}"}
"""
)
APPROVE = (
    HEAD
    + """\
nodes:
  before: {kind: tool, tool: tick, arguments: {n: 1}}
  ask: {kind: approve, message: Go on?, value: {n: 5}}
  after: {kind: tool, tool: tick, arguments: {n: "{{ ask.value.n }}"}}
  last: {kind: tool, tool: tick, arguments: {n: 7}}
output: {after: "{{ after }}", last: "{{ last }}"}
"""
)
LINE = "description: d\ninputs: {n: integer}\ntools: {tick: }\nnodes:\n  t: {kind: tool, tool: tick, arguments: {n: '{{ inputs.n }}'}}\noutput: {twice: '{{ t }}'}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "tick.py").write_text(TICK)
    return tmp_path


def go(project: Path, text: str, *arguments: str, kill_at: int = 0) -> dict[str, Any] | int:
    path = project / "w.yaml"
    path.write_text(text)
    environment = {**os.environ, "KILL_AT": str(kill_at)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(project), str(path), *arguments],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode < 0 or not done.stdout.strip():
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def effects(project: Path) -> list[int]:
    return [int(line) for line in (project / "effects.txt").read_text().split()]


@pytest.mark.parametrize(
    ("text", "kill_at", "output", "distinct"),
    [
        (MAP, 7, {"doubled": [2 * (2 * n + 100) for n in range(1, 9)]}, 16),
        (LOOP, 4, {"last": 42, "turns": 6}, 6),
    ],
    ids=["map", "loop"],
)
def test_killed_in_the_middle_it_ends_the_same(
    project: Path, text: str, kill_at: int, output: Any, distinct: int
) -> None:
    assert go(project, text, "run-1", kill_at=kill_at) == -signal.SIGKILL
    assert go(project, text, "run-1") == {"status": "done", "output": output}
    done = effects(project)
    assert len(set(done)) == distinct
    assert len(done) <= distinct + 2  # those in flight when it died, two at most: tick may be repeated


def test_killed_after_the_answer_an_approval_is_not_asked_again(project: Path) -> None:
    assert go(project, APPROVE, "run-1") == {"status": "paused", "output": {}}
    assert go(project, APPROVE, "run-1", '{"value": {"n": 6}}', kill_at=2) == -signal.SIGKILL
    assert go(project, APPROVE, "run-1") == {"status": "done", "output": {"after": 12, "last": 14}}
    assert effects(project) == [1, 6, 6, 7]


def test_a_killed_batch_of_50_goes_on_and_finishes_each_line_once(project: Path) -> None:
    rows = project / "rows.jsonl"
    rows.write_text("".join(json.dumps({"n": n}) + "\n" for n in range(50)))
    out = project / "out.jsonl"
    assert go(project, LINE, "--batch", str(rows), str(out), kill_at=23) == -signal.SIGKILL
    assert not out.exists()
    assert go(project, LINE, "--batch", str(rows), str(out)) == 0
    results = [json.loads(line) for line in out.read_text().splitlines()]
    assert [result["output"] for result in results] == [{"twice": 2 * n} for n in range(50)]
    done = effects(project)
    assert set(done) == set(range(50)) and len(done) <= 50 + 4  # four jobs were in flight
