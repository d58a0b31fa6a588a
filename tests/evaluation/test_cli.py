"""`agentflow eval` at the command line: what it prints, and how it exits."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.errors import AgentflowError
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import Evaluation
from agentflow.project import Project
from agentflow.runs.signals import Stopped
from agentflow.testing import ScriptedModels
from tests.evaluation.sums import adds_one, engine_with, never_right, write_cases


def eval_command(root: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["eval", *arguments, "--project", str(root)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def as_json(root: Path, *arguments: str) -> Any:
    return json.loads(eval_command(root, *arguments, "--json")[1])


@pytest.fixture
def two(root: Path) -> tuple[Evaluation, Evaluation]:
    """A good evaluation and a bad one."""
    write_cases(root, 10)
    project = Project(root)
    good, bad = (
        asyncio.run(evaluate(project, "sums", open_engine=engine_with(ScriptedModels(reply))))
        for reply in (adds_one, never_right)
    )
    return good, bad


def test_suites_and_their_data_are_listed(root: Path) -> None:
    assert {"sums", "qa", "retrieval"} <= {item["name"] for item in as_json(root, "list")}
    rows = {row["suite"]: row for row in as_json(root, "data")}
    assert rows["sums"]["in_place"] and not rows["qa"]["in_place"] and rows["qa"]["licence"]


def test_what_was_run_is_shown_and_compared(root: Path, two: tuple[Evaluation, Evaluation]) -> None:
    assert [item["id"] for item in as_json(root, "history", "sums")] == ["sums-1", "sums-2"]
    assert as_json(root, "show", "sums-1")["variants"][0]["estimates"]["f1"]["mean"] == 1
    (found,) = as_json(root, "compare", "sums-1", "sums-2")
    assert found["verdict"] == "worse" and found["difference"]["mean"] == -1
    assert "sums-2 direct against sums-1 direct: f1 -1.000" in eval_command(root, "compare", "sums-1", "sums-2")[1]
    assert (two[0].folder / "report.html").is_file()


def test_the_gate_exits_with_one_when_it_got_worse(root: Path, two: tuple[Evaluation, Evaluation]) -> None:
    baseline = ["--baseline", str(two[0].records.path)]
    assert eval_command(root, "gate", "sums-1", *baseline)[0] == 0
    code, text = eval_command(root, "gate", "sums-2", *baseline)
    assert code == 1 and "sums-2: failed\n  direct: f1 -1.000" in text
    assert eval_command(root, "gate", "sums-1", "--min", "f1=0.9")[0] == 0
    assert eval_command(root, "gate", "sums-2", "--min", "direct.f1=0.9")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "sumz"], "no suite named 'sumz'"),
        (["run", "sums", "--set", "k=3"], "--set needs TARGET.key=value"),
        (["run", "sums", "--target", "rag"], "no target named 'rag'; known|no target named 'rag'"),
        (["show", "sums"], "no evaluation 'sums'"),
        (["gate", "sums"], "nothing to hold the evaluation against"),
    ],
)
def test_mistakes_are_said_in_a_line(root: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(AgentflowError, match=said):
        eval_command(root, *arguments)


def test_ctrl_c_says_how_to_go_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("agentflow.evaluation.evaluate.evaluate", stopped)
    with pytest.raises(Stopped) as caught:
        eval_command(root, "run", "sums")
    assert caught.value.exit_code == 130 and caught.value.hint == "run the same command again"


def test_logs_for_inspect_are_written(root: Path, tmp_path: Path, two: tuple[Evaluation, Evaluation]) -> None:
    (path,) = as_json(root, "export", "sums-1", "--out", str(tmp_path / "logs"))
    assert json.loads(Path(path).read_text("utf-8"))["status"] == "success"


def test_a_local_judge_is_held_against_exact_match(root: Path) -> None:
    suite = (root / "evals" / "sums.yaml").read_text().replace("[answer]", "[answer, judge]")
    (root / "evals" / "sums.yaml").write_text(suite)

    def reply(request: Any) -> dict[str, str]:
        return {"same": "yes"} if "Accepted:" in request.messages[-1].content else never_right(request)

    asyncio.run(evaluate(Project(root), "sums", open_engine=engine_with(ScriptedModels(reply))))
    estimates = as_json(root, "show", "sums")["variants"][0]["estimates"]
    assert estimates["judged"]["mean"] == 1 and estimates["agrees"]["mean"] == 0
