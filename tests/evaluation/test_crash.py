"""kill -9 in the middle of an evaluation: the same command goes on, and no case is run twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import find_evaluation
from agentflow.evaluation.layout import Choices
from agentflow.evaluation.summary import summarise
from agentflow.evaluation.tables import as_json
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.evaluation.sums import adds_one, engine_with, write_cases

CHILD = """
import asyncio, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.evaluation.sums import adds_one, engine_with
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.layout import Choices
from agentflow.project import Project
from agentflow.testing import ScriptedModels

def reply(request):
    with open(sys.argv[2], "a") as file:
        file.write(request.messages[-1].content.strip().splitlines()[-1] + "\\n")
    if Path(sys.argv[2]).read_text().count("\\n") >= int(sys.argv[4]):
        time.sleep(600)  # until it is killed
    return adds_one(request)

asyncio.run(evaluate(Project(Path(sys.argv[1])), "sums", Choices(jobs=4), open_engine=engine_with(ScriptedModels(reply, seconds=0.005))))
"""


def start(root: Path, log: Path, most: int = 10_000) -> "subprocess.Popen[bytes]":
    """A process that works on the evaluation, and hangs once so many questions were asked in all."""
    tree = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", CHILD, str(root), str(log), str(tree), str(most)])


@pytest.mark.parametrize(("count", "kills"), [(40, [15]), pytest.param(200, [30, 90], marks=pytest.mark.slow)])
def test_a_killed_evaluation_goes_on_where_it_was(root: Path, tmp_path: Path, count: int, kills: list[int]) -> None:
    write_cases(root, count)
    log, results = tmp_path / "asked.txt", root / ".agentflow" / "evals" / "results" / "sums-1" / "results.jsonl"
    for wanted in kills:
        child = start(root, log, wanted + 8)  # four in flight, and as many that an earlier kill made twice
        try:
            while not results.exists() or results.read_bytes().count(b"\n") < wanted:
                assert child.poll() is None, "it ended before it could be killed"
                time.sleep(0.02)
        finally:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
    before = results.read_bytes().count(b"\n")
    assert kills[-1] <= before < count
    child = start(root, log)
    assert child.wait(timeout=120) == 0
    project = Project(root)
    evaluation = find_evaluation(project, "sums")
    records = evaluation.results()
    assert evaluation.id == "sums-1" and evaluation.finished
    assert len(records) == len({record.case for record in records}) == results.read_bytes().count(b"\n") == count
    asked = log.read_text().splitlines()
    assert len(set(asked)) == count and len(asked) - count <= 4 * len(kills), (
        "only calls in flight at a kill are made again"
    )
    whole = asyncio.run(evaluate(project, "sums", Choices(jobs=4), open_engine=engine_with(ScriptedModels(adds_one))))
    killed, clean = (as_json(e, summarise(e))["variants"][0]["estimates"] for e in (evaluation, whole))
    assert {name: killed[name] for name in ("f1", "em", "tokens")} == {
        name: clean[name] for name in ("f1", "em", "tokens")
    }
