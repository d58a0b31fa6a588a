"""Bounds and baselines: what passes, what fails, and the words for it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.errors import AgentflowError, ConfigError
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.gate import assert_suite, load_baseline, regressions
from agentflow.evaluation.runner import OpenEngine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.evaluation.sums import adds_one, engine_with, never_right, write_cases


def run(project: Project, reply: Callable[[Request], Any]) -> Evaluation:
    models = ScriptedModels(reply)
    return asyncio.run(evaluate(project, "sums", open_engine=engine_with(models)))


def test_a_suite_within_its_bounds_passes(root: Path, scripted: OpenEngine) -> None:
    summary = assert_suite(
        "sums", min={"f1": 0.9, "direct.em": 1}, max={"seconds": 60}, project=root, open_engine=scripted
    )
    assert summary.rows[0].runs == 4


def test_a_suite_below_a_bound_fails_with_its_numbers(root: Path) -> None:
    wrong = engine_with(ScriptedModels(never_right))
    with pytest.raises(
        AssertionError, match=r"sums-1: direct: f1 0\.000 is below 0\.6; direct: tokens \d+\.\d+ is above 1"
    ):
        assert_suite("sums", min={"f1": 0.6}, max={"tokens": 1}, project=root, open_engine=wrong)


def test_a_bound_on_what_was_not_measured_is_an_error(root: Path, scripted: OpenEngine) -> None:
    with pytest.raises(AgentflowError, match="no metric 'bleu' was measured"):
        assert_suite("sums", min={"bleu": 0.6}, project=root, open_engine=scripted)


def test_an_evaluation_as_good_as_its_baseline_passes(project: Project) -> None:
    first, second = run(project, adds_one), run(project, adds_one)
    assert regressions(second, load_baseline(first.records.path), 0.0) == []


def test_a_worse_evaluation_is_a_regression(project: Project, root: Path) -> None:
    write_cases(root, 12)
    first, second = run(project, adds_one), run(project, never_right)
    (found,) = regressions(second, load_baseline(first.records.path), 0.02)
    assert found.startswith("direct: f1 -1.000") and "n=12" in found


def test_a_small_drop_within_the_tolerance_passes(project: Project, root: Path) -> None:
    write_cases(root, 12)

    def one_wrong(request: Request) -> dict[str, str]:
        return never_right(request) if " 3 " in request.messages[-1].content else adds_one(request)

    first, second = run(project, adds_one), run(project, one_wrong)
    baseline = load_baseline(first.records.path)
    assert regressions(second, baseline, 0.1) == [] and len(regressions(second, baseline, 0.02)) == 1


def test_a_baseline_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_baseline(tmp_path / "gone.jsonl")
    (tmp_path / "other.jsonl").write_text('{"question": 1}\n')
    with pytest.raises(ConfigError, match="not the results of an evaluation"):
        load_baseline(tmp_path / "other.jsonl")


def test_the_fixture_reaches_every_test_of_a_team(
    root: Path, pytestconfig: pytest.Config, assert_suite: object
) -> None:
    """The plug-in is loaded by its entry point, as in any project that has agentflow installed."""
    from agentflow.evaluation import gate

    assert assert_suite is gate.assert_suite
